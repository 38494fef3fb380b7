import type { CandidateFacts, GateCandidate, GateJudged, GateOutcome, InstanceNeeds } from '../types/gate.ts';
import { costOver, formatUsd, microUsd, type Usd } from '../types/money.ts';

const HOUR_MS = 3_600_000;

/** What a pipeline asks before it launches something. */
export interface GateQuestion extends MonthSoFar {
  readonly project: string;
  /** For how many hours it would run: 730 are an average month. */
  readonly hours: number;
  /** The first is what is asked for, the others are tried in their order where it may not be had. */
  readonly candidates: readonly GateCandidate[];
  readonly needs: InstanceNeeds;
}

/** A limit of a month, and what the month comes to without what is asked for. USD. */
export interface MonthSoFar {
  readonly limit: Usd;
  readonly committed: Usd;
}

/**
 * May the project afford it? Costs are exact, hourly price × hours, and judged so; only what people read is rounded, to
 * the cent. What has no price, or does not meet the needs by what is known of it, never passes.
 */
export function judgeGate(question: GateQuestion): GateOutcome {
  const judged = question.candidates.map((one) => judge(one, question));
  const [asked, ...others] = judged;
  const passes = asked?.verdict === 'pass';
  const pick = passes ? undefined : others.find(({ verdict }) => verdict === 'pass')?.type;
  const { project, limit, committed } = question;
  return {
    project,
    limit,
    committed,
    judged,
    verdict: passes ? 'pass' : 'over',
    ...(pick === undefined ? {} : { pick }),
  };
}

function judge(candidate: GateCandidate, { hours, needs, ...month }: GateQuestion): GateJudged {
  const { type, hourly } = candidate;
  const lacks = lackOf(candidate, needs);
  if (hourly === undefined) {
    const unfit = lacks === undefined ? '' : ` ${lacks}`;
    return { type, verdict: 'unpriced', why: `${type} has no price, so it may cost anything.${unfit}` };
  }
  const adds = costOver(hourly, hours * HOUR_MS);
  const { projected, over, why } = holdAgainst(month, adds);
  return {
    type,
    verdict: lacks !== undefined ? 'unfit' : over === undefined ? 'pass' : 'over',
    adds,
    projected,
    ...(over === undefined ? {} : { over }),
    why: lacks === undefined ? why : `${lacks} ${why}`,
  };
}

/** What a month comes to with something more, or less. */
export interface HeldAgainst {
  /** Exact; the limit itself is within it. */
  readonly projected: Usd;
  /** USD over the limit; absent where it is within. */
  readonly over?: Usd;
  /** The sum and the limit, one sentence for people. */
  readonly why: string;
}

/** @param adds below zero where it costs less than before */
export function holdAgainst({ limit, committed }: MonthSoFar, adds: Usd): HeldAgainst {
  const projected = microUsd(committed + adds);
  const beyond = microUsd(projected - limit);
  const added = adds < 0n ? `− ${formatUsd(microUsd(-adds))}` : `+ ${formatUsd(adds)}`;
  const sum = `${formatUsd(committed)} ${added} = ${formatUsd(projected)}`;
  return beyond > 0n
    ? {
        projected,
        over: beyond,
        why: `${sum}, ${dollarsOver(beyond)} over the limit of ${formatUsd(limit)}.`,
      }
    : { projected, why: `${sum}, within the limit of ${formatUsd(limit)}.` };
}

/** Half a cent in micro-dollars: what is less reads as $0.00. */
const HALF_CENT = 5_000n;

/** `$5.95`; `less than a cent` of what would read as $0.00. */
export const dollarsOver = (beyond: Usd): string =>
  beyond < HALF_CENT ? 'less than a cent' : formatUsd(beyond);

/** Why an instance type does not meet the needs, one sentence; `undefined` where it does. */
export function lackOf(facts: CandidateFacts, needs: InstanceNeeds): string | undefined {
  const lacks = [
    short(facts.vcpu, needs.vcpu, 'vCPUs'),
    short(facts.memoryGiB, needs.memoryGiB, 'GiB of memory'),
    short(facts.gpus, needs.gpus, 'GPUs'),
    short(facts.gpuMemoryGiB, needs.gpuMemoryGiB, 'GiB of GPU memory'),
  ].filter((lack) => lack !== undefined);
  return lacks.length === 0 ? undefined : `${facts.type} does not fit: ${lacks.join(', ')}.`;
}

/** `1 of 4 GPUs`; `undefined` where there is enough. What is not known is not enough. */
function short(has: number | undefined, needed: number | undefined, what: string): string | undefined {
  if (needed === undefined) return undefined;
  if (has === undefined) return needed > 0 ? `how many ${what} it has is not known` : undefined;
  return has < needed ? `it has ${has} of ${needed} ${what}` : undefined;
}

/** `16 GiB of memory, 1 GPU`: what of the needs an instance type has, in their order. */
export function meetsText(facts: CandidateFacts, needs: InstanceNeeds): string {
  const has = (need: number | undefined, amount: number | undefined, text: (amount: number) => string) =>
    need === undefined || amount === undefined ? [] : [text(amount)];
  return [
    ...has(needs.vcpu, facts.vcpu, (n) => `${n} ${n === 1 ? 'vCPU' : 'vCPUs'}`),
    ...has(needs.memoryGiB, facts.memoryGiB, (n) => `${n} GiB of memory`),
    ...has(needs.gpus, facts.gpus, (n) => `${n} ${n === 1 ? 'GPU' : 'GPUs'}`),
    ...has(needs.gpuMemoryGiB, facts.gpuMemoryGiB, (n) => `${n} GiB of GPU memory`),
  ].join(', ');
}

/** True where something is stated: without needs nothing else is ever picked. */
export const statesNeeds = (needs: InstanceNeeds | undefined): needs is InstanceNeeds =>
  needs !== undefined && Object.values(needs).some((need) => need !== undefined);
