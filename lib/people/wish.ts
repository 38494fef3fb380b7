import type { CarriedOut } from '../enforce/carry-out.ts';
import type { CommandBatch } from '../enforce/command.ts';
import type { EnforceDeps } from '../enforce/deps.ts';
import type { RegionContexts } from '../fleet/discover.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { Clock } from '../types/clock.ts';
import type { Decision } from '../types/decision.ts';
import type { Usd } from '../types/money.ts';
import {
  type Groups,
  isGroup,
  namedFor,
  namedForHolder,
  type Standing,
  standingOf,
  standingOfHolder,
} from './may.ts';
import type { Answered, Person } from './request.ts';

export interface WishDeps {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly regions: RegionContexts;
  readonly account: string;
  readonly now: Clock;
  /** Carries out here and now: what touches the ledger alone. */
  readonly carryOut: (batch: CommandBatch, approved?: Pick<EnforceDeps, 'lists'>) => Promise<CarriedOut>;
  /** Queues for the enforcer, which tells people what came of it. */
  readonly send: (decisions: readonly Decision[], id: string, now: Date) => Promise<number>;
  /** The users of Slack's user groups. Those that cannot be read are left out. */
  readonly groups: (ids: readonly string[]) => Promise<Groups>;
}

/** Of every wish. */
export interface Wish {
  /** Names the wish: the same one twice is done once. */
  readonly id: string;
  readonly by: Person;
  readonly reason: string | undefined;
  /** When it was said: terms count from then. */
  readonly at: Date;
  /** Who approved it. Absent = nobody was asked to. */
  readonly approvedBy?: Person;
}

/** For people and the trail, where the id is what lasts: `ana (Slack U012AB3CD)`, `…, approved by olga (Slack U0…)`. */
export function whoAsked({ by, approvedBy }: Pick<Wish, 'by' | 'approvedBy'>): string {
  const asker = named(by);
  return approvedBy === undefined ? asker : `${asker}, approved by ${named(approvedBy)}`;
}

/** An ARN is long, and the name of a caller at the command line is its last part. */
const named = ({ name, via, id }: Person): string =>
  `${name} (${via === 'slack' ? `Slack ${id}` : 'command line'})`;

/** Why it is done, for the trail: whole sentences. */
export function sentence(what: string, wish: Wish): string {
  const reason = wish.reason?.trim() ?? '';
  return `${whoAsked(wish)} ${what}${reason === '' ? '.' : `: ${reason}${/[.!?]$/.test(reason) ? '' : '.'}`}`;
}

/** Whose word counts for a wish, by project: that of whoever approved it, or else of whoever asked. */
export async function standings(
  wish: Pick<Wish, 'by' | 'approvedBy'>,
  projects: readonly (string | undefined)[],
  { policy, groups }: Pick<WishDeps, 'policy' | 'groups'>,
): Promise<(project: string | undefined) => Standing> {
  const person = wish.approvedBy ?? wish.by;
  const ids = projects.flatMap((project) => Object.values(namedFor(policy, project)).flat());
  const known = person.via === 'slack' ? await groups(ids.filter(isGroup)) : new Map();
  return (project) => standingOf(person, project, policy, known);
}

/** The same of a team or a model. */
export async function standingFor(
  wish: Pick<Wish, 'by' | 'approvedBy'>,
  holder: string,
  { policy, groups }: Pick<WishDeps, 'policy' | 'groups'>,
): Promise<Standing> {
  const person = wish.approvedBy ?? wish.by;
  const ids = Object.values(namedForHolder(policy, holder)).flat();
  const known = person.via === 'slack' ? await groups(ids.filter(isGroup)) : new Map();
  return standingOfHolder(person, holder, policy, known);
}

/** An answer with what it costs to do as asked, which of several is told together. */
export interface Reply extends Answered {
  readonly price?: Price;
}

export interface Price {
  /** USD an hour; `undefined` = not known. */
  readonly hourly: Usd | undefined;
  /** USD until the end of what was asked. */
  readonly cost: Usd | undefined;
}

export const refused = (text: string, arn?: string): Answered => ({
  ...(arn === undefined ? {} : { arn }),
  status: 'refused',
  text,
});

export const nothingToDo = (text: string, arn?: string): Answered => ({
  ...(arn === undefined ? {} : { arn }),
  status: 'nothing-to-do',
  text,
});
