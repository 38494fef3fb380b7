import type { AlertItem } from '../types/alert.ts';
import { chunks } from '../types/lists.ts';
import { RESTORE_ANY, restoreCommand } from './commands.ts';
import { isRestorable } from './offers.ts';

/** The AWS CLI command that brings resources of one kind in one region back; `undefined` where there is none. */
export type UndoCommand = (kind: string, ids: readonly string[], region: string) => string | undefined;

/** Ids in one command; a command stays short enough for every channel. */
const IDS_PER_COMMAND = 40;
/** Resources that get a command each; of more the project is restored. */
const RESTORES_SHOWN = 3;

/**
 * How to bring stopped resources back: the command of Bursar for all kinds, that of the AWS CLI for those that have
 * one, and how many are lost for good. One sentence or command a line.
 */
export function undoLines(
  stopped: readonly AlertItem[],
  {
    undo,
    project,
    comesBack = false,
  }: {
    readonly undo: UndoCommand;
    readonly project: string | undefined;
    /** True where it was said before when they come back by themselves, or that they do not. */
    readonly comesBack?: boolean;
  },
): readonly string[] {
  const back = stopped.filter(isRestorable);
  const lost = stopped.length - back.length;
  return [
    ...(back.length === 0 ? [] : restoreLines(back, project, comesBack)),
    ...awsLines(back, undo),
    ...(lost === 0 ? [] : [lostLine(lost, stopped.length)]),
  ];
}

function restoreLines(
  items: readonly AlertItem[],
  project: string | undefined,
  comesBack: boolean,
): readonly string[] {
  const one = items.length === 1;
  const stays = comesBack
    ? `To have ${one ? 'it' : 'them'} before`
    : one
      ? 'It stays stopped until someone restores it'
      : 'They stay stopped until someone restores them';
  const each = items.map(({ arn }) => restoreCommand(arn));
  if (items.length <= RESTORES_SHOWN && each.every((command) => command !== undefined)) {
    return [`${stays}:`, ...each.map((command) => `\`${command}\``)];
  }
  const whole = project === undefined ? undefined : restoreCommand(project);
  return [
    comesBack ? `${stays}, restore them.` : `${stays}.`,
    RESTORE_ANY,
    ...(whole === undefined ? [] : [`All that Bursar stopped of the project: \`${whole}\``]),
  ];
}

function awsLines(items: readonly AlertItem[], undo: UndoCommand): readonly string[] {
  const commands: string[] = [];
  let startable = 0;
  for (const some of Map.groupBy(items, ({ kind, region }) => `${kind} ${region}`).values()) {
    for (const piece of chunks(some, IDS_PER_COMMAND)) {
      const command = commandFor(piece, undo);
      if (command === undefined) continue;
      commands.push(`\`${command}\``);
      startable += piece.length;
    }
  }
  if (commands.length === 0) return [];
  const which = startable === items.length ? '' : `, ${startable} of them`;
  return [`Or by the AWS CLI${which}:`, ...commands];
}

/** Of ids that are plain words alone: a command is made to be pasted into a shell. */
function commandFor(items: readonly AlertItem[], undo: UndoCommand): string | undefined {
  const [first] = items;
  const ids = items.map(({ id }) => id);
  if (first === undefined || !ids.every((id) => /^[A-Za-z0-9-]+$/.test(id))) return undefined;
  return undo(first.kind, ids, first.region);
}

function lostLine(lost: number, of: number): string {
  const whose = lost === 1 ? 'it' : 'each';
  return `${of === 1 ? 'It' : `${lost} of them`} cannot be brought back; the cause is shown with ${whose}.`;
}
