import type { AlertItem } from '../types/alert.ts';
import { chunks } from '../types/lists.ts';

/** The command that brings resources of one kind in one region back; `undefined` where there is none. */
export type UndoCommand = (kind: string, ids: readonly string[], region: string) => string | undefined;

/** Ids in one command; a command stays short enough for every channel. */
const IDS_PER_COMMAND = 40;
/** ARNs that are spelt out; beyond that they stand with the resources. */
const ARNS_SHOWN = 3;

/**
 * How to bring stopped resources back: commands for those of kinds that have one, and where the restore
 * record of the others lies. One sentence or command a line.
 */
export function undoLines(stopped: readonly AlertItem[], undo: UndoCommand): readonly string[] {
  const commands: string[] = [];
  const startable: AlertItem[] = [];
  const others: AlertItem[] = [];
  for (const items of Map.groupBy(stopped, ({ kind, region }) => `${kind} ${region}`).values()) {
    for (const some of chunks(items, IDS_PER_COMMAND)) {
      const command = commandFor(some, undo);
      if (command === undefined) others.push(...some);
      else {
        commands.push(`\`${command}\``);
        startable.push(...some);
      }
    }
  }
  return [
    ...(commands.length === 0 ? [] : [`${stays(startable.length, others.length)}:`, ...commands]),
    ...(others.length === 0 ? [] : [restoreLine(others)]),
  ];
}

/** Of ids that are plain words alone: a command is made to be pasted into a shell. */
function commandFor(items: readonly AlertItem[], undo: UndoCommand): string | undefined {
  const [first] = items;
  const ids = items.map(({ id }) => id);
  if (first === undefined || !ids.every((id) => /^[A-Za-z0-9-]+$/.test(id))) return undefined;
  return undo(first.kind, ids, first.region);
}

function stays(startable: number, others: number): string {
  if (startable === 1) return 'It stays stopped until someone starts it';
  return others === 0
    ? 'They stay stopped until someone starts them'
    : 'These stay stopped until someone starts them';
}

function restoreLine(items: readonly AlertItem[]): string {
  const arns = items.map(({ arn }) => arn);
  const where =
    arns.length <= ARNS_SHOWN ? arns.map((arn) => `\`${arn}\``).join(', ') : 'the ARN of each resource';
  const names = items.length === 1 ? (items[0]?.id ?? '') : `${items.length} resources`;
  return `The restore record of ${names} is kept in the ledger under ${where}.`;
}
