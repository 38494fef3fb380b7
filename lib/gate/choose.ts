import { statesNeeds } from '../decide/gate.ts';
import type { ChangeItem, EstimatedItem, InstanceChoice } from '../estimate/estimate.ts';
import { ascending } from '../types/lists.ts';
import { formatUsd, type Usd, ZERO_USD } from '../types/money.ts';
import {
  type Candidate,
  type CandidateOptions,
  candidatesFor,
  type Wanted,
  wantedOf,
} from './alternatives.ts';
import { type ComparedItem, changeOf } from './compare.ts';
import type { Judgement } from './judge.ts';

type Item = ComparedItem & { readonly item: EstimatedItem | undefined };

/** What one candidate would come to. */
export interface Offer {
  readonly instanceType: string;
  readonly spot: boolean;
  /** USD of the item with it, a month or once; `undefined` = something of it has no price. */
  readonly cost: Usd | undefined;
  /** `unfit` = it does not meet the needs, or none are stated. */
  readonly verdict: 'pass' | 'over' | 'unfit' | 'unpriced';
  /** USD that the narrowest limit which decides comes to; absent where it has no price. */
  readonly projected?: Usd;
  readonly meets: string;
  /** One sentence for people. */
  readonly why: string;
}

/** An instance type that a change should have instead. */
export interface Picked {
  readonly id: string;
  readonly project: string | undefined;
  readonly choice: InstanceChoice;
  readonly instanceType: string;
  readonly spot: boolean;
  /** USD of the item with it, a month or once. */
  readonly cost: Usd;
  readonly frequency: ComparedItem['frequency'];
  readonly meets: string;
  /** What takes its type from the same place, and is not picked the same for: that place is not to be changed for one alone. */
  readonly alsoOf: readonly string[];
}

/** What could stand in for one item of a project that is over. */
export interface ItemAlternatives {
  readonly id: string;
  readonly project: string | undefined;
  readonly instanceType: string;
  /** By price, what has none last. */
  readonly offers: readonly Offer[];
  /** What should be known, a sentence each. */
  readonly notes: readonly string[];
}

export interface Alternatives {
  readonly items: readonly ItemAlternatives[];
  /** With all of these the projects pass that are over without; of a project that no choice helps there is none. */
  readonly picks: readonly Picked[];
}

export interface ChooseInput extends CandidateOptions {
  readonly items: readonly Item[];
  readonly judgement: Judgement;
  readonly judge: (items: readonly ComparedItem[]) => Judgement;
  readonly price: (items: readonly ChangeItem[]) => Promise<readonly EstimatedItem[]>;
}

interface Priced {
  readonly candidate: Candidate;
  readonly cost: Usd | undefined;
}

interface Looked {
  readonly item: Item;
  readonly wanted: Wanted;
  readonly priced: readonly Priced[];
}

/**
 * For each project that is over, what could stand in for the instances that its change adds. The pick is the cheapest
 * that meets the stated needs and with which the project passes: of the dearest item for which there is one; where no
 * one will do, the cheapest of several items together. What states no needs is never picked for.
 */
export async function chooseAlternatives(input: ChooseInput): Promise<Alternatives> {
  const { items, judgement, judge } = input;
  const found: ItemAlternatives[] = [];
  const picks: Omit<Picked, 'alsoOf'>[] = [];
  let now: readonly Item[] = items;
  for (const { project, verdict } of judgement.projects) {
    if (verdict !== 'over') continue;
    const looked = await lookAt(now, project, input);
    found.push(...looked.map((one) => alternativesOf(one, project, now, judge)));
    const chosen = choose(looked, project, now, judge);
    picks.push(...chosen.map(pickOf));
    now = chosen.reduce((some, one) => replaced(some, one.item, one.cost), now);
  }
  return { items: found, picks: picks.map((pick) => ({ ...pick, alsoOf: alsoOf(pick, picks, items) })) };
}

/** The items of a project that cost more than before, the dearest first, with their priced candidates. */
async function lookAt(
  items: readonly Item[],
  project: string,
  { price, ...options }: ChooseInput,
): Promise<readonly Looked[]> {
  const dear = items
    .filter((item) => item.project === project && item.change !== 'same' && item.delta > 0n)
    .sort((a, b) => ascending(b.delta, a.delta));
  const looked = await Promise.all(
    dear.map(async (item): Promise<readonly Looked[]> => {
      const wanted = item.item === undefined ? undefined : wantedOf(item.item, options);
      if (wanted === undefined) return [];
      const candidates = candidatesFor(wanted, options);
      const costs = await price(candidates.map((one) => one.item));
      const priced = candidates.map((candidate, index) => ({ candidate, cost: wholeCost(costs[index]) }));
      return [{ item, wanted, priced: priced.sort(byCost) }];
    }),
  );
  return looked.flat();
}

/** `undefined` where a part has no price: it may cost anything. */
const wholeCost = (item: EstimatedItem | undefined): Usd | undefined =>
  item === undefined || item.costs.some(({ cost }) => cost === undefined) ? undefined : item.cost;

const byCost = (a: Priced, b: Priced): number =>
  Number(a.cost === undefined) - Number(b.cost === undefined) || ascending(a.cost ?? 0n, b.cost ?? 0n);

/** The items with one that costs something else. */
const replaced = (items: readonly Item[], item: Item, cost: Usd): readonly Item[] =>
  items.map((one) =>
    one.id === item.id && one.project === item.project && one.item === item.item
      ? { ...one, after: cost, delta: changeOf(one.frequency, one.before, cost) }
      : one,
  );

interface Chosen {
  readonly item: Item;
  readonly wanted: Wanted;
  readonly candidate: Candidate;
  readonly cost: Usd;
}

function choose(
  looked: readonly Looked[],
  project: string,
  items: readonly Item[],
  judge: ChooseInput['judge'],
): readonly Chosen[] {
  const passes = (some: readonly Item[]): boolean =>
    judge(some).projects.every((one) => one.project !== project || one.verdict !== 'over');
  const usable = looked.map((one) => ({ one, chosen: usableOf(one) }));
  for (const { chosen } of usable) {
    const found = chosen.find(({ item, cost }) => passes(replaced(items, item, cost)));
    if (found !== undefined) return [found];
  }
  const together: Chosen[] = [];
  let now = items;
  for (const [cheapest] of usable.map(({ chosen }) => chosen)) {
    if (cheapest === undefined) continue;
    together.push(cheapest);
    now = replaced(now, cheapest.item, cheapest.cost);
    if (passes(now)) return together;
  }
  return [];
}

/** What meets the stated needs for less, the cheapest first. */
const usableOf = ({ item, wanted, priced }: Looked): readonly Chosen[] =>
  !statesNeeds(wanted.needs)
    ? []
    : priced.flatMap(({ candidate, cost }) =>
        candidate.lacks !== undefined || cost === undefined || cost >= (item.after ?? ZERO_USD)
          ? []
          : [{ item, wanted, candidate, cost }],
      );

/** A launch template, a parameter or a mapping may say the type of several things. */
function alsoOf(
  { choice, instanceType, spot }: Omit<Picked, 'alsoOf'>,
  picks: readonly Omit<Picked, 'alsoOf'>[],
  items: readonly Item[],
): readonly string[] {
  const place = placeText(choice);
  return items.flatMap(({ id, project, item }) => {
    if (item?.choice === undefined || placeText(item.choice) !== place) return [];
    const isAlike = picks.some(
      (pick) =>
        pick.id === id &&
        pick.project === project &&
        pick.instanceType === instanceType &&
        pick.spot === spot &&
        placeText(pick.choice) === place,
    );
    return isAlike ? [] : [id];
  });
}

const placeText = ({ at: { file, path } }: InstanceChoice): string => JSON.stringify([file, path]);

const pickOf = ({ item, wanted: { choice }, candidate, cost }: Chosen): Omit<Picked, 'alsoOf'> => ({
  id: item.id,
  project: item.project,
  choice,
  instanceType: candidate.instanceType,
  spot: candidate.spot,
  cost,
  frequency: item.frequency,
  meets: candidate.meets,
});

function alternativesOf(
  { item, wanted, priced }: Looked,
  project: string,
  items: readonly Item[],
  judge: ChooseInput['judge'],
): ItemAlternatives {
  return {
    id: item.id,
    project: item.project,
    instanceType: wanted.choice.instanceType,
    offers: priced.map((one) => offerOf(one, wanted, (cost) => judge(replaced(items, item, cost)), project)),
    notes: notesOf(item, wanted, priced),
  };
}

function offerOf(
  { candidate: { instanceType, spot, meets, lacks }, cost }: Priced,
  { needs }: Wanted,
  judgeWith: (cost: Usd) => Judgement,
  project: string,
): Offer {
  const about = { instanceType, spot, cost, meets };
  if (cost === undefined) {
    return { ...about, verdict: 'unpriced', why: `${instanceType} has no price, so it may cost anything.` };
  }
  const levels = judgeWith(cost).projects.find((one) => one.project === project)?.levels ?? [];
  const level = levels.find(({ verdict }) => verdict === 'over') ?? levels[0];
  const money = level?.why ?? '';
  const projected = level === undefined ? {} : { projected: level.projected };
  if (!statesNeeds(needs))
    return { ...about, ...projected, verdict: 'unfit', why: `No needs are stated. ${money}` };
  if (lacks !== undefined) return { ...about, ...projected, verdict: 'unfit', why: `${lacks} ${money}` };
  return { ...about, ...projected, verdict: level?.verdict === 'over' ? 'over' : 'pass', why: money };
}

function notesOf({ after }: Item, { choice, needs }: Wanted, priced: readonly Priced[]): readonly string[] {
  const notes: string[] = [];
  if (!statesNeeds(needs)) {
    notes.push(
      'It states no needs, so nothing is picked in its place. State them, such as needs: { memory: 16 GiB, gpu: 1 }, in the usage file, or by --needs memory=16GiB,gpu=1.',
    );
  } else if (priced.length === 0) notes.push('No other instance type that is known meets the needs.');
  else if (priced.every(({ cost }) => cost === undefined)) {
    notes.push('Nothing that meets the needs has a price here.');
  }
  if (choice.service === 'sagemaker-training' && choice.interruptible) {
    notes.push(
      `It may be broken off: managed Spot training would cost less than ${formatUsd(after ?? ZERO_USD)}. AWS tells what only after it has run, so that is not counted.`,
    );
  }
  return notes;
}
