import type { GateCandidate, GateJudged, GateNeeds, GateOutcome } from '../types/gate.ts';
import { costOver, formatUsd, microUsd, type Usd } from '../types/money.ts';

const HOUR_MS = 3_600_000;

/** What a pipeline asks before it launches something. */
export interface GateQuestion {
  readonly project: string;
  /** USD of the month. */
  readonly limit: Usd;
  /** USD that the month costs without what is asked for. */
  readonly committed: Usd;
  /** For how many hours it would run: 730 are an average month. */
  readonly hours: number;
  /** The first is what is asked for, the others are tried in their order where it may not be had. */
  readonly candidates: readonly GateCandidate[];
  readonly needs: GateNeeds;
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

function judge(candidate: GateCandidate, { limit, committed, hours, needs }: GateQuestion): GateJudged {
  const { type, hourly } = candidate;
  const lacks = lackOf(candidate, needs);
  if (hourly === undefined) {
    const unfit = lacks === undefined ? '' : ` ${lacks}`;
    return { type, verdict: 'unpriced', why: `${type} has no price, so it may cost anything.${unfit}` };
  }
  const adds = costOver(hourly, hours * HOUR_MS);
  const projected = microUsd(committed + adds);
  const beyond = microUsd(projected - limit);
  const over = beyond > 0n ? { over: beyond } : {};
  const sum = `${formatUsd(committed)} + ${formatUsd(adds)} = ${formatUsd(projected)}`;
  const money =
    beyond > 0n
      ? `${sum}, ${dollarsOver(beyond)} over the limit of ${formatUsd(limit)}.`
      : `${sum}, within the limit of ${formatUsd(limit)}.`;
  return {
    type,
    verdict: lacks !== undefined ? 'unfit' : beyond > 0n ? 'over' : 'pass',
    adds,
    projected,
    ...over,
    why: lacks === undefined ? money : `${lacks} ${money}`,
  };
}

/** Half a cent in micro-dollars: what is less reads as $0.00. */
const HALF_CENT = 5_000n;

const dollarsOver = (beyond: Usd): string => (beyond < HALF_CENT ? 'less than a cent' : formatUsd(beyond));

/** Why a candidate does not meet the needs, one sentence; `undefined` where it does. */
function lackOf(
  { type, memoryGiB, gpus }: Pick<GateCandidate, 'type' | 'memoryGiB' | 'gpus'>,
  needs: GateNeeds,
): string | undefined {
  const memory =
    needs.memoryGiB === undefined ? undefined : short(memoryGiB, needs.memoryGiB, 'GiB of memory');
  const accelerators = needs.gpus === undefined ? undefined : short(gpus, needs.gpus, 'GPUs');
  const lacks = [memory, accelerators].filter((lack) => lack !== undefined);
  return lacks.length === 0 ? undefined : `${type} does not fit: ${lacks.join(', ')}.`;
}

/** `1 of 4 GPUs`; `undefined` where there is enough. What is not known is not enough. */
function short(has: number | undefined, needed: number, what: string): string | undefined {
  if (has === undefined) return needed > 0 ? `how many ${what} it has is not known` : undefined;
  return has < needed ? `it has ${has} of ${needed} ${what}` : undefined;
}
