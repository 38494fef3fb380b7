import { lackOf, meetsText, statesNeeds } from '../decide/gate.ts';
import type { ChangeItem, InstanceChoice, PricePart } from '../estimate/estimate.ts';
import { familyOf, instanceFacts, smallestFitting } from '../fleet/instance-facts.ts';
import { assertNever } from '../types/assert-never.ts';
import type { InstanceNeeds } from '../types/gate.ts';
import { candidateFacts } from './candidate-facts.ts';

/** Another instance type in place of the one of a change, not priced yet. */
export interface Candidate {
  readonly instanceType: string;
  readonly spot: boolean;
  /** The item as it would be with it. */
  readonly item: ChangeItem;
  /** What of the needs it has: `16 GiB of memory, 1 GPU`; empty where none are stated. */
  readonly meets: string;
  /** Why it does not meet them, a sentence; `undefined` = it does. */
  readonly lacks: string | undefined;
}

/** An item that another type could stand in for, with the needs that count. */
export interface Wanted {
  readonly item: ChangeItem;
  readonly choice: InstanceChoice;
  /** Stated for the item, or else for all of the change; `undefined` = nothing is. */
  readonly needs: InstanceNeeds | undefined;
}

export interface CandidateOptions {
  /** Of everything that states none itself. */
  readonly needs?: InstanceNeeds;
  /** Only these are looked at, whether they fit or not; absent = the smallest of each family that fit. */
  readonly or?: readonly string[];
}

/** @returns `undefined` where nothing could stand in for it */
export const wantedOf = (item: ChangeItem, { needs }: CandidateOptions): Wanted | undefined =>
  item.choice === undefined
    ? undefined
    : { item, choice: item.choice, needs: statesNeeds(item.choice.needs) ? item.choice.needs : needs };

/**
 * What could stand in for an instance type: on demand, and on Spot where EC2 charges it and its work may be broken off.
 * Of what states no needs only those that were named, none of which is to be picked; else of the architecture that it
 * has now, as its software is built for that.
 */
export function candidatesFor(
  { item, choice, needs }: Wanted,
  { or }: CandidateOptions,
): readonly Candidate[] {
  const stated = statesNeeds(needs) ? needs : undefined;
  const types = or === undefined ? fittingTypes(choice, stated) : or.map((type) => typeFor(choice, type));
  const canBeSpot = choice.service === 'ec2' && choice.interruptible;
  const ways = [
    ...types.map((type) => ({ type, spot: false })),
    ...(canBeSpot ? [choice.instanceType, ...types].map((type) => ({ type, spot: true })) : []),
  ];
  const distinct = new Map(ways.map((way) => [`${way.type} ${way.spot}`, way]));
  return [...distinct.values()].flatMap(({ type, spot }): readonly Candidate[] => {
    const parts = item.parts.map((part) => partWith(part, choice, type, spot));
    const asked = partsText(parts);
    if (asked === partsText(item.parts)) return [];
    const facts = candidateFacts(type);
    return [
      {
        instanceType: type,
        spot,
        item: { ...item, parts },
        meets: stated === undefined ? '' : meetsText(facts, stated),
        lacks: stated === undefined ? undefined : lackOf(facts, stated),
      },
    ];
  });
}

const partsText = (parts: readonly PricePart[]): string =>
  JSON.stringify(parts, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

/** What AWS sells for the same use: `ml.` for SageMaker, `db.` for RDS. */
function typeFor({ service }: InstanceChoice, type: string): string {
  const machine = type.replace(/^(?:ml|db)\./, '');
  switch (service) {
    case 'ec2':
      return machine;
    case 'rds':
      return `db.${machine}`;
    case 'sagemaker-hosting':
    case 'sagemaker-notebook':
    case 'sagemaker-studio-jupyterlab':
    case 'sagemaker-studio-codeeditor':
    case 'sagemaker-studio-kernelgateway':
    case 'sagemaker-training':
    case 'sagemaker-processing':
    case 'sagemaker-transform':
      return `ml.${machine}`;
    default:
      return assertNever(service);
  }
}

/** A database stays in its family: what else it needs of a machine, such as its network, is not stated. */
function fittingTypes(choice: InstanceChoice, needs: InstanceNeeds | undefined): readonly string[] {
  if (needs === undefined) return [];
  const arch = instanceFacts(choice.instanceType)?.architecture ?? 'x86_64';
  const families = choice.service === 'rds' ? { families: [familyOf(choice.instanceType)] } : {};
  return smallestFitting(needs, { arch, ...families })
    .map((type) => typeFor(choice, type))
    .filter((type) => type !== choice.instanceType);
}

/** The part with another type, where it is the price of this one. */
function partWith(part: PricePart, choice: InstanceChoice, type: string, spot: boolean): PricePart {
  const now = choice.instanceType;
  switch (part.per) {
    case 'hour': {
      if (part.key.service !== choice.service || part.key.instanceType !== now) return part;
      const what = part.what.replaceAll(now, type);
      if (!spot) return { ...part, key: { ...part.key, instanceType: type }, what };
      // Spot prices are asked for Linux alone.
      if (part.key.service !== 'ec2' || part.key.system !== 'Linux') return part;
      const { region } = part.key;
      return {
        per: 'spot-hour',
        region,
        instanceType: type,
        count: part.count,
        hours: part.hours,
        what: /\bspot\b/i.test(what) ? what : `${what}, Spot`,
      };
    }
    case 'spot-hour': {
      // What runs on Spot already stays there.
      if (part.instanceType !== now) return part;
      return { ...part, instanceType: type, what: part.what.replaceAll(now, type) };
    }
    case 'unit':
    case 'stated':
      return part;
    default:
      return assertNever(part);
  }
}
