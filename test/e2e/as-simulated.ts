import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../lib/sandbox/local-aws.ts';
import { simulate } from '../../lib/simulate/engine.ts';
import type { RunEvent, RunEventName } from '../../lib/simulate/result.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';
import { MINUTE_MS } from './on-stage.ts';

type EventOf<Name extends RunEventName> = RunEvent & { readonly event: Name };

/*
 * The scenarios that the deployed product plays are files of `bursar simulate` too, and both must come to the same. The
 * clock of a stage is another, and so may be what a scenario leaves open (how many instances, the length of a warning):
 * then what follows from the scenario alone is compared, such as the minutes from the last use to the stop.
 */

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Plays a file of `scenarios` in memory. */
export const simulated = (file: string) => simulatedText(read(`scenarios/${file}`), `scenarios/${file}`);

/** Plays a scenario in memory. @param path of its file, from which that of its policy starts */
export async function simulatedText(text: string, path: string) {
  const scenario = parseScenario(text, path, read);
  const result = await simulate(scenario);
  const arns = new Map(result.resources.map(({ id, arn }) => [id, arn]));
  const isOf = (event: RunEvent, id: string | undefined): boolean =>
    id === undefined || ('arn' in event && event.arn === arns.get(id));
  /** What happened of a name, to a resource where one is given; in order. */
  const events = <Name extends RunEventName>(name: Name, id?: string): readonly EventOf<Name>[] =>
    result.events.filter((event): event is EventOf<Name> => event.event === name && isOf(event, id));
  return {
    scenario,
    result,
    events,
    /** What happened to a resource: `[warned, stopped]`. */
    course: (id: string): readonly RunEventName[] =>
      result.events.filter((event) => isOf(event, id)).map(({ event }) => event),
    /** How many minutes after a time each event of a name was. */
    minutes: (name: RunEventName, id: string, from: Date): readonly number[] =>
      events(name, id).map(({ at }) => (at.getTime() - from.getTime()) / MINUTE_MS),
    /** What is left alone at the end, and why: `exempt: Its stop protection is on.` */
    leftAlone: (id: string): string | undefined => {
      const left = result.resources.find((one) => one.id === id)?.leftAlone;
      return left === undefined ? undefined : `${left.verdict}: ${left.why}`;
    },
  };
}

/** Whole minutes from one time to another: what a sweep and its stop take is less. */
export const minutesTo = (at: Date | undefined, from: Date): number =>
  Math.floor(((at ?? new Date(Number.NaN)).getTime() - from.getTime()) / MINUTE_MS);
