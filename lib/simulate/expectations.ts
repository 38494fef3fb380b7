import { formatUsd, microUsd, type Usd } from '../types/money.ts';
import { type RunEvent, type RunResult, stoppedWhileBusy } from './result.ts';
import type { Scenario, ScenarioExpectation } from './scenario.ts';

/** One expectation, and whether it was met: a line for people, with what was expected and, where it was not met, found. */
export interface Checked {
  readonly ok: boolean;
  readonly text: string;
}

type ExpectedEvent = NonNullable<ScenarioExpectation['events']>[number];
type ExpectedGate = NonNullable<ScenarioExpectation['gates']>[number];

const MINUTE_MS = 60_000;
/** A line that tells what was found names so many at most. */
const MAX_NAMED = 5;

/**
 * Whether a scenario came to what it must. Money is compared as people read it: to the cent, rounded once, at the end.
 * That nothing was stopped while busy is asked always, and first.
 */
export function checkExpectations(
  expect: ScenarioExpectation,
  result: RunResult,
  scenario: Scenario,
): readonly Checked[] {
  const { spent, without, saved, counts = {}, events = [], running = [], notRunning = [] } = expect;
  const ids = new Map(result.resources.map(({ arn, id }) => [arn, id]));
  return [
    nothingStoppedWhileBusy(result, ids),
    ...money('without Bursar', without, result.without),
    ...money('spent', spent, result.spent),
    ...money('saved', saved, microUsd(result.without - result.spent)),
    ...Object.entries(counts).map(([event, count]) => countOf(event, count, result)),
    ...events.map((event) => eventOf(event, result, ids)),
    ...running.map((id) => ranOn(id, true, result)),
    ...notRunning.map((id) => ranOn(id, false, result)),
    ...(expect.leftAlone ?? []).map((one) => leftAloneOf(one, result)),
    ...(expect.gates ?? []).map((gate, index) => gateOf(gate, index, result)),
    ...(expect.overrunAtMost === undefined ? [] : [overrunOf(expect.overrunAtMost, result, scenario)]),
  ];
}

const met = (text: string): Checked => ({ ok: true, text });
const missed = (expected: string, found: string): Checked => ({
  ok: false,
  text: `${expected}: expected, but found ${found}`,
});
const judged = (isMet: boolean, expected: string, found: () => string): Checked =>
  isMet ? met(expected) : missed(expected, found());

function nothingStoppedWhileBusy(result: RunResult, ids: Ids): Checked {
  const busy = stoppedWhileBusy(result);
  return judged(busy.length === 0, 'nothing was stopped while busy', () =>
    named(busy.map(({ arn, at }) => `${ids.get(arn) ?? arn} stopped at ${minute(at)}`)),
  );
}

function money(what: string, expected: Usd | undefined, found: Usd): readonly Checked[] {
  if (expected === undefined) return [];
  const isMet = formatUsd(expected) === formatUsd(found);
  return [judged(isMet, `${what}: ${formatUsd(expected)}`, () => formatUsd(found))];
}

function countOf(event: string, expected: number, { events }: RunResult): Checked {
  const found = events.filter((one) => one.event === event).length;
  return judged(found === expected, `${event}: ${expected}`, () => String(found));
}

/** Ids of resources by their ARN. */
type Ids = ReadonlyMap<string, string>;

function eventOf(expected: ExpectedEvent, { events }: RunResult, ids: Ids): Checked {
  const { event, resource, project, at, because } = expected;
  const who = [resource, project === undefined ? undefined : `project ${project}`].filter(Boolean).join(', ');
  const text =
    `${event}${who === '' ? '' : ` ${who}`}${at === undefined ? '' : ` at ${minute(at)}`}` +
    `${because === undefined ? '' : `, because “${because}”`}`;
  const ofWhom = events.filter(
    (one) =>
      (resource === undefined || idsIn(one, ids).includes(resource)) &&
      (project === undefined || one.project === project),
  );
  const ofName = ofWhom.filter((one) => one.event === event);
  const found = ofName.some(
    (one) =>
      (at === undefined || isSameMinute(one.at, at)) &&
      (because === undefined || one.reason.includes(because)),
  );
  return judged(found, text, () => {
    if (ofName.length === 0) {
      return ofWhom.length === 0 || who === ''
        ? `no event ${event}${who === '' ? '' : ` and no other of ${who}`}`
        : named(ofWhom.map((one) => `${one.event} at ${minute(one.at)}`));
    }
    const reason = (one: RunEvent): string => (because === undefined ? '' : `, because “${one.reason}”`);
    return named(ofName.map((one) => `${event} at ${minute(one.at)}${reason(one)}`));
  });
}

const idsIn = (event: RunEvent, ids: Ids): readonly string[] => {
  const arns = 'arns' in event ? event.arns : 'arn' in event ? [event.arn] : [];
  return arns.map((arn) => ids.get(arn) ?? arn);
};

const isSameMinute = (a: Date, b: Date): boolean =>
  Math.floor(a.getTime() / MINUTE_MS) === Math.floor(b.getTime() / MINUTE_MS);

function ranOn(id: string, expected: boolean, { resources, to }: RunResult): Checked {
  const own = resources.filter((one) => one.id === id);
  const last = own
    .flatMap(({ ran }) => ran)
    .reduce<Date | undefined>(
      (latest, span) => (latest === undefined || span.to > latest ? span.to : latest),
      undefined,
    );
  const isOn = last !== undefined && last >= to;
  return judged(isOn === expected, `${id} is ${expected ? '' : 'not '}running at the end`, () => {
    if (isOn) return 'that it is';
    return last === undefined ? 'that it never ran' : `that it ran until ${minute(last)}`;
  });
}

function leftAloneOf(
  { resource, because }: NonNullable<ScenarioExpectation['leftAlone']>[number],
  { resources }: RunResult,
): Checked {
  const left = resources.find(({ id, leftAlone }) => id === resource && leftAlone !== undefined)?.leftAlone;
  const isMet = left !== undefined && (because === undefined || left.why.includes(because));
  const text = `${resource} is left alone${because === undefined ? '' : `, because “${because}”`}`;
  return judged(isMet, text, () =>
    left === undefined ? 'that it is not' : `${left.verdict}, because “${left.why}”`,
  );
}

function gateOf(expected: ExpectedGate, index: number, { gates }: RunResult): Checked {
  const { verdict, projected, over, pick } = expected;
  const outcome = gates[index]?.outcome;
  const asked = outcome?.judged[0];
  const text = `gate ${index + 1}${asked === undefined ? '' : `, ${asked.type}`}: ${answer(verdict, projected, over, pick)}`;
  if (outcome === undefined) return missed(text, 'that the gate was not asked so often');
  const sameMoney = (wanted: Usd | undefined, got: Usd | undefined): boolean =>
    wanted === undefined || (got !== undefined && formatUsd(wanted) === formatUsd(got));
  const isMet =
    outcome.verdict === verdict &&
    sameMoney(projected, asked?.projected) &&
    sameMoney(over, asked?.over) &&
    (pick === undefined || (outcome.pick ?? 'none') === pick);
  return judged(isMet, text, () =>
    answer(outcome.verdict, asked?.projected, asked?.over, outcome.pick ?? 'none'),
  );
}

const answer = (
  verdict: string,
  projected: Usd | undefined,
  over: Usd | undefined,
  pick: string | undefined,
): string =>
  [
    verdict,
    ...(projected === undefined ? [] : [`projected ${formatUsd(projected)}`]),
    ...(over === undefined ? [] : [`over by ${formatUsd(over)}`]),
    ...(pick === undefined ? [] : [`instead ${pick}`]),
  ].join(', ');

function overrunOf(
  { project, amount }: NonNullable<ScenarioExpectation['overrunAtMost']>,
  { projects }: RunResult,
  { policy }: Scenario,
): Checked {
  const text = `project ${project} ends at most ${formatUsd(amount)} over its limit`;
  const last = projects.find((one) => one.project === project)?.points.at(-1);
  const limit = Object.hasOwn(policy.projects, project) ? policy.projects[project]?.budget : undefined;
  if (last === undefined || limit === undefined) return missed(text, 'no figure of it, or no limit');
  const over = microUsd(last.billed + last.estimated - limit);
  const isMet = over <= amount || formatUsd(over) === formatUsd(amount);
  return judged(isMet, text, () => formatUsd(over));
}

const named = (what: readonly string[]): string => {
  const more = what.length - MAX_NAMED;
  return [...what.slice(0, MAX_NAMED), ...(more > 0 ? [`${more} more`] : [])].join('; ');
};

const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
