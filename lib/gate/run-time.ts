import { holdAgainst } from '../decide/gate.ts';
import { priceChange } from '../estimate/price-change.ts';
import type { PriceBook } from '../fleet/prices.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { Ledger, ProjectMark, Reservation } from '../ledger/ledger.ts';
import { holderOf, levelTitle, projectHolder, teamOf } from '../policy/levels.ts';
import { nearest } from '../policy/nearest.ts';
import { type Policy, projectNamed } from '../policy/policy.ts';
import type { Clock } from '../types/clock.ts';
import { microUsd, percentOf, sumUsd, type Usd, usdToDecimal, ZERO_USD } from '../types/money.ts';
import type { Remaining } from './remaining.ts';
import { answerText, type RunTimeAnswer, readAnswer } from './run-time-answer.ts';
import { GateInputError, OverBudget } from './run-time-errors.ts';
import { type RunTimeAsk, type RunTimeRelease, readAsk } from './run-time-input.ts';
import { type JobWay, type RunJob, waysOf } from './run-time-job.ts';
import { potOf, readMeter, remainingAtRunTime } from './run-time-spend.ts';

export interface RunTimeDeps {
  readonly policy: Policy;
  readonly ledger: Pick<
    Ledger,
    'projectMarks' | 'meterRecords' | 'meteredAt' | 'spendDays' | 'reservations' | 'saveReservations'
  >;
  readonly prices: Pick<PriceBook, 'hourly' | 'unit'>;
  readonly account: string;
  /** Where jobs run that name no region. */
  readonly region: string;
  readonly now: Clock;
  /** Waits a moment, which is another for each caller, where somebody else has written first. */
  readonly pause: () => Promise<void>;
}

/**
 * Asks the gate whether a job may start. What passes is reserved: two that ask at once cannot both have the last dollars,
 * and the same request again is answered the same and reserved once.
 * @param input `{ requestId, project, job, … }`, see docs/gate-at-run-time.md
 * @throws {GateInputError} of what cannot be understood or answered
 * @throws {OverBudget} where it may not start and `failOver` was asked for
 * @throws {GateNotReady} where what is spent is not known now; `LedgerError`
 */
export async function askAtRunTime(input: unknown, deps: RunTimeDeps): Promise<RunTimeAnswer> {
  const ask = readAsk(input);
  mustBeKnown(ask.project, deps.policy);
  if (ask.do === 'release') return release(ask, deps);
  const answer = await answerTo(ask, deps);
  if (ask.failOver && answer.verdict !== 'pass' && answer.verdict !== 'warn')
    throw new OverBudget(answer.reason);
  return answer;
}

/** More than ever meet: each attempt fails only because another caller's request got through. */
const ATTEMPTS = 100;

async function answerTo(ask: RunTimeAsk, deps: RunTimeDeps): Promise<RunTimeAnswer> {
  const { policy, ledger, prices, account, now, pause } = deps;
  const region = regionOf(ask, deps);
  const ways = await Promise.all(
    waysOf(ask, { region, projectTag: policy.tags.project }).map((way) => priceWay(way, prices)),
  );
  const at = now();
  const frozen = frozenOf(ask, policy, await ledger.projectMarks(at), at);
  // Before what is reserved is read: a job that begins between the two counts once all the same.
  const read = await readMeter(policy.scope.regions, at, { ledger, account });
  const pot = potOf(policy, ask.project);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { reservations, version } = await ledger.reservations(pot, at);
    const known = reservations.find(({ id }) => id === ask.requestId);
    const others = reservations.filter((one) => one !== known);
    const left = remainingAtRunTime(policy, ask, others, read, at);
    mustHaveLimit(left, ask.project);
    if (frozen !== undefined) return refusal('over', ask, ways, left, frozen);
    if (known !== undefined) return repeated(known, ask);
    const { answer, way } = decide(ask, ways, left);
    if (way === undefined) return answer;
    const reservation = reservationOf(ask, way, answer, { at, region });
    if (await ledger.saveReservations(pot, [...reservations, reservation], version, at)) return answer;
    await pause();
  }
  throw new LedgerError(`ledger: nothing could be reserved of ${pot} in ${ATTEMPTS} attempts`);
}

async function release(
  { requestId, project }: RunTimeRelease,
  { policy, ledger, now, pause }: RunTimeDeps,
): Promise<RunTimeAnswer> {
  const pot = potOf(policy, project);
  const at = now();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { reservations, version } = await ledger.reservations(pot, at);
    const others = reservations.filter(({ id, project: whose }) => id !== requestId || whose !== project);
    if (others.length === reservations.length || (await ledger.saveReservations(pot, others, version, at))) {
      const reason = 'What was reserved for it is free.';
      return { version: 1, requestId, project, verdict: 'released', pick: '', reason };
    }
    await pause();
  }
  throw new LedgerError(`ledger: nothing could be released of ${pot} in ${ATTEMPTS} attempts`);
}

function mustBeKnown(project: string, policy: Pick<Policy, 'projects'>): void {
  if (projectNamed(policy, project) !== undefined) return;
  const near = nearest(project, Object.keys(policy.projects));
  const meant = near === undefined ? '' : ` Is ${near} meant?`;
  throw new GateInputError(`The policy file has no project ${project}.${meant}`);
}

/** What the policy does not watch is seen by no meter: it would be reserved, and then cost nothing. */
function regionOf({ region }: RunTimeAsk, { policy, region: own }: RunTimeDeps): string {
  const { regions } = policy.scope;
  const [only, ...others] = regions;
  const found = region ?? (others.length === 0 ? only : own) ?? own;
  if (regions.includes(found)) return found;
  throw new GateInputError(
    `${found} is none of the regions that the policy file watches (${regions.join(', ')}): name one of them as region.`,
  );
}

function mustHaveLimit(left: readonly Remaining[], project: string): void {
  if (left.length > 0) return;
  throw new GateInputError(
    `Neither project ${project} nor its team has a monthly budget in the policy file, so there is nothing to hold the job against.`,
  );
}

/** Whose freeze holds it, one sentence. */
function frozenOf(
  { project, model }: RunTimeAsk,
  policy: Policy,
  marks: ReadonlyMap<string, ProjectMark>,
  at: Date,
): string | undefined {
  const team = teamOf(policy, project);
  const holders = [
    projectHolder(project),
    ...(team === undefined ? [] : [holderOf({ level: 'team', team })]),
    ...(model === undefined ? [] : [holderOf({ level: 'model', project, model })]),
  ];
  for (const holder of holders) {
    const until = marks.get(holder)?.frozenUntil;
    if (until !== undefined && until > at) {
      return `${levelTitle(holder)} is frozen until ${until.toISOString()}: nothing starts in it.`;
    }
  }
  return undefined;
}

interface PricedWay extends JobWay {
  /** USD of each job, as of `jobs`. */
  readonly costs: readonly Usd[];
  readonly cost: Usd;
  /** What has no price, a sentence each. */
  readonly unpriced: readonly string[];
  /** What is counted, for people. */
  readonly what: string;
}

async function priceWay(way: JobWay, prices: RunTimeDeps['prices']): Promise<PricedWay> {
  const { items } = await priceChange({ items: way.jobs.map(({ item }) => item), free: 0 }, { prices });
  const costs = items.map(({ cost }) => cost);
  return {
    ...way,
    costs,
    cost: sumUsd(costs),
    unpriced: items.flatMap(({ unpriced }) => unpriced),
    what: items
      .flatMap(({ parts }) => parts.flatMap(({ per, what }) => (per === 'hour' ? [what] : [])))
      .join(', '),
  };
}

interface Decided {
  readonly answer: RunTimeAnswer;
  /** What is to be reserved; `undefined` = nothing. */
  readonly way: PricedWay | undefined;
}

/** The first way that passes; else the answer about the first that meets the needs. */
function decide(ask: RunTimeAsk, ways: readonly PricedWay[], left: readonly Remaining[]): Decided {
  const whys: string[] = [];
  const refused: { readonly way: PricedWay; readonly verdict: 'over' | 'unpriced' }[] = [];
  for (const way of ways) {
    if (way.lacks !== undefined) {
      whys.push(way.lacks);
      continue;
    }
    if (way.unpriced.length > 0) {
      whys.push(way.unpriced.join(' '));
      refused.push({ way, verdict: 'unpriced' });
      continue;
    }
    const { verdict, why } = holdWay(way, left, ask.warnAt);
    whys.push(`${way.what}. ${why}`);
    if (verdict !== 'over') {
      return { answer: answerOf(verdict, ask, way, left, whys.join(' ')), way };
    }
    refused.push({ way, verdict });
  }
  const [first] = refused;
  if (first === undefined) {
    throw new GateInputError(`No instance type that was named meets the needs. ${whys.join(' ')}`);
  }
  return {
    answer: refusal(first.verdict, ask, [first.way], left, whys.join(' ')),
    way: undefined,
  };
}

/** Against the limit that is nearest, and of warnings against all. */
function holdWay(
  { cost }: PricedWay,
  left: readonly Remaining[],
  warnAt: number | undefined,
): { readonly verdict: 'pass' | 'warn' | 'over'; readonly why: string } {
  const near = nearestLimit(left);
  const held = (one: Remaining) => holdAgainst({ limit: one.limit, committed: one.committed.total }, cost);
  const say = (one: Remaining): string => `${levelTitle(one.holder)}: ${held(one).why}`;
  if (near === undefined || held(near).over !== undefined) {
    return { verdict: 'over', why: near === undefined ? '' : say(near) };
  }
  const warned =
    warnAt === undefined
      ? undefined
      : left.find((one) => held(one).projected >= percentOf(one.limit, warnAt));
  return warned === undefined
    ? { verdict: 'pass', why: say(near) }
    : { verdict: 'warn', why: `${say(warned)} That is ${warnAt}% of it or more.` };
}

const nearestLimit = (left: readonly Remaining[]): Remaining | undefined =>
  left.reduce<Remaining | undefined>(
    (near, one) => (near === undefined || one.remaining < near.remaining ? one : near),
    undefined,
  );

/** Outputs of SageMaker pipelines hold 1,024 characters (`OutputParameter`). */
const MOST_CHARACTERS = 1_000;

const shortened = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;

/** Dollars as JSON has them: exact to the micro-dollar below nine billion. */
const dollars = (amount: Usd): number => Number(usdToDecimal(amount));

function answerOf(
  verdict: RunTimeAnswer['verdict'],
  { requestId, project }: RunTimeAsk,
  way: Pick<PricedWay, 'instanceType' | 'cost' | 'unpriced'> | undefined,
  left: readonly Remaining[],
  why: string,
): RunTimeAnswer {
  const near = nearestLimit(left);
  const cost = way === undefined || way.unpriced.length > 0 ? undefined : way.cost;
  return {
    version: 1,
    requestId,
    project,
    verdict,
    ...(near === undefined
      ? {}
      : {
          limit: dollars(near.limit),
          committed: dollars(near.committed.total),
          remaining: dollars(near.remaining),
          level: near.holder,
        }),
    ...(cost === undefined ? {} : { cost: dollars(cost) }),
    ...(cost === undefined || near === undefined
      ? {}
      : { projected: dollars(microUsd(near.committed.total + cost)) }),
    pick: verdict === 'pass' || verdict === 'warn' ? (way?.instanceType ?? '') : '',
    reason: shortened(why),
  };
}

const refusal = (
  verdict: 'over' | 'unpriced',
  ask: RunTimeAsk,
  [way]: readonly PricedWay[],
  left: readonly Remaining[],
  why: string,
): RunTimeAnswer => answerOf(verdict, ask, way, left, why);

function repeated({ asked, answer }: Reservation, ask: RunTimeAsk): RunTimeAnswer {
  if (asked === ask.asked) return readAnswer(answer, ask);
  throw new GateInputError(
    `Another job was let through as ${ask.requestId}: each job needs a requestId of its own, such as the id of the execution and the name of the step.`,
  );
}

/** Machines may have to be waited for. */
const START_MS = 3_600_000;

function reservationOf(
  { requestId, asked, project, model }: RunTimeAsk,
  { jobs, costs }: PricedWay,
  answer: RunTimeAnswer,
  { at, region }: { readonly at: Date; readonly region: string },
): Reservation {
  const longest = Math.max(...jobs.map(({ shape }) => shape.maxSeconds ?? 0));
  return {
    id: requestId,
    asked,
    project,
    ...(model === undefined ? {} : { model }),
    at,
    until: new Date(at.getTime() + longest * 1_000 + START_MS),
    jobs: jobs.map((job, index) => reservedJob(job, region, costs[index])),
    answer: answerText(answer),
  };
}

function reservedJob(
  { shape: { kind, name, size, jobs } }: RunJob,
  region: string,
  cost: Usd = ZERO_USD,
): Reservation['jobs'][number] {
  return { cost, kind, region, name, size, jobs };
}
