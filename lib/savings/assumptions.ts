import { counted, duration } from '../decide/sentences.ts';
import { formatUsd, sumUsd, type Usd } from '../types/money.ts';
import type { StopSavings } from '../types/savings.ts';
import type { SavingsInput } from './savings.ts';

type Given = Pick<
  SavingsInput,
  'from' | 'fleet' | 'ownEnd' | 'scheduledStop' | 'atMostSeconds' | 'discountOf' | 'trail'
>;

/** As many are named in a sentence. */
const NAMED = 5;

/** What the figures go by, and what is not in them: whole sentences for people. */
export function assumptionsOf(stops: readonly StopSavings[], given: Given): readonly string[] {
  const { fleet, scheduledStop, discountOf } = given;
  return [
    'Each stop counts as its price at the stop × the time for which the resource would have run on: until it ran again (brought back by Bursar or started by anybody else), is known to be gone, or the period ended. That nobody else would have stopped it before is assumed.',
    capSentence(stops, given),
    scheduledStop === undefined
      ? 'Schedules by which it would have been stopped anyway are not known, so none ends a stop.'
      : 'By the hours of the policy file as it is now, a stop counts no longer than to the next closing or to the longest runtime, at which it would have been stopped anyway; a stop by hours counts to their opening.',
    'Compute alone counts: volumes and storage of what is stopped cost money on, and are in no figure.',
    'Freezes, launches that were denied, and what people stopped by themselves after a warning count nothing.',
    'A run that was started and ended outside of Bursar is known as long as the meter keeps its record, which is some days after its bill; after that it counts as if it had not been.',
    ...(fleet === undefined ? ['What exists now is not known, so nothing counts as gone.'] : []),
    ...discountSentences(stops, discountOf),
    ...goneSentences(stops, given),
    ...scaledSentences(stops, given),
    ...unpricedSentences(stops, given),
    ...personSentences(stops),
    ...earlierSentences(stops, given),
  ];
}

function capSentence(stops: readonly StopSavings[], { atMostSeconds }: Given): string {
  if (atMostSeconds === undefined) {
    return 'A stop counts for as long as it lasts, however long that is: nobody knows whether it would have run on for so long.';
  }
  const reached = stops.filter(({ by }) => by === 'cap').length;
  const some =
    reached === 0 ? '' : ` ${counted(reached, 'stop')} ${reached === 1 ? 'has' : 'have'} lasted longer.`;
  return `At most ${duration(atMostSeconds)} of one stop count, since nobody knows whether it would have run on for longer.${some}`;
}

function discountSentences(
  stops: readonly StopSavings[],
  discountOf: Given['discountOf'],
): readonly string[] {
  const projects = [...new Set(stops.map(({ project }) => project))];
  const discounts = projects.flatMap((project) => {
    const percent = discountOf(project);
    return percent === 0 ? [] : [`${project ?? 'no project'} ${percent}%`];
  });
  return discounts.length === 0
    ? ['Prices are list prices.']
    : [
        `Prices are list prices less the discount of each project, by the policy file or as bills say now: ${discounts.join(', ')}.`,
      ];
}

/** What ended by itself, or is gone; told by whether AWS or the resource itself says so. */
function goneSentences(stops: readonly StopSavings[], { trail, ownEnd }: Given): readonly string[] {
  const gone = stops.filter(({ by }) => by === 'gone');
  const targets = new Map(
    trail.flatMap(({ decision }) =>
      decision.action === 'stop' ? [[decision.target.arn, decision.target] as const] : [],
    ),
  );
  const isJob = ({ arn }: StopSavings): boolean => {
    const target = targets.get(arn);
    return target !== undefined && ownEnd(target) !== undefined;
  };
  const unknown = gone.filter((stop) => isJob(stop) && stop.until <= stop.stoppedAt);
  const ended = gone.filter((stop) => isJob(stop) && stop.until > stop.stoppedAt);
  const deleted = gone.filter((stop) => !isJob(stop));
  return [
    ...(unknown.length === 0
      ? []
      : [
          `Jobs end by themselves, nobody knows when they would have: ${listed(unknown)} ${unknown.length === 1 ? 'counts' : 'count'} nothing.`,
        ]),
    ...(ended.length === 0 ? [] : [`Jobs count until the longest time that they may run: ${listed(ended)}.`]),
    ...(deleted.length === 0
      ? []
      : [
          `Gone meanwhile, and counted until the meter last heard of ${deleted.length === 1 ? 'it' : 'them'}: ${listed(deleted)}.`,
        ]),
  ];
}

/** Of stops that left an endpoint with fewer instances: which, and when. */
const scaledDown = ({ trail }: Pick<Given, 'trail'>): ReadonlySet<string> =>
  new Set(
    trail.flatMap(({ at, decision, event }) =>
      event === 'taken' && decision.action === 'stop' && decision.manner === 'scale-down'
        ? [`${decision.target.arn} ${at.getTime()}`]
        : [],
    ),
  );

const isAmong = (some: ReadonlySet<string>, { arn, stoppedAt }: StopSavings): boolean =>
  some.has(`${arn} ${stoppedAt.getTime()}`);

function scaledSentences(stops: readonly StopSavings[], given: Given): readonly string[] {
  const all = scaledDown(given);
  const scaled = stops.filter((stop) => isAmong(all, stop));
  const unknown = scaled.filter(({ hourly }) => hourly === undefined);
  return [
    ...(scaled.length === 0
      ? []
      : ['An endpoint that was scaled down counts for what it cost less, by the meter.']),
    ...(unknown.length === 0
      ? []
      : [`Of what these cost less the meter knows nothing, so they count as nothing: ${listed(unknown)}.`]),
  ];
}

function unpricedSentences(stops: readonly StopSavings[], given: Given): readonly string[] {
  const scaled = scaledDown(given);
  const unpriced = stops.filter((stop) => stop.hourly === undefined && !isAmong(scaled, stop));
  return unpriced.length === 0 ? [] : [`Without a known price, and counted as nothing: ${listed(unpriced)}.`];
}

function personSentences(stops: readonly StopSavings[]): readonly string[] {
  const asked = stops.filter(({ trigger }) => trigger === 'person');
  return asked.length === 0
    ? []
    : [
        `${counted(asked.length, 'stop')} that people asked Bursar for ${asked.length === 1 ? 'is' : 'are'} among it, for ${formatUsd(savedBy(asked))}.`,
      ];
}

function earlierSentences(stops: readonly StopSavings[], { from }: Given): readonly string[] {
  const earlier = stops.filter(({ stoppedAt }) => stoppedAt < from);
  return earlier.length === 0
    ? []
    : [
        `${counted(earlier.length, 'stop')} ${earlier.length === 1 ? 'is' : 'are'} from before the period and ${earlier.length === 1 ? 'counts' : 'count'} for the time within it, ${formatUsd(savedBy(earlier))}.`,
      ];
}

const savedBy = (stops: readonly StopSavings[]): Usd => sumUsd(stops.map(({ saved }) => saved));

/** `i-1 (x9.large), i-2 (x9.large) and 3 more`, each resource once. */
function listed(stops: readonly StopSavings[]): string {
  const all = [...new Map(stops.map(({ arn, id, size }) => [arn, `${id} (${size})`])).values()];
  const more = all.length > NAMED ? ` and ${all.length - NAMED} more` : '';
  return `${all.slice(0, NAMED).join(', ')}${more}`;
}
