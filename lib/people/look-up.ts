import { wholeMinute } from '../decide/announcement.ts';
import { isPolicyApproved } from '../decide/approval.ts';
import { hasGrace } from '../decide/budget.ts';
import { releasedOf } from '../enforce/releases.ts';
import type { Approval, AuditEntry, Ledger, ProjectMark } from '../ledger/ledger.ts';
import { policiesOf, projectOfHolder } from '../policy/levels.ts';
import { type Policy, ruleId } from '../policy/policy.ts';
import type { Clock } from '../types/clock.ts';
import { mapLimited } from '../types/lists.ts';
import { sumUsd, usdToDecimal } from '../types/money.ts';
import type { AuditLine, OutcomeAnswer, State } from './answer.ts';
import { allWatches, heldTimes } from './held.ts';
import { arnOfKey, holderOfKey } from './keys.ts';
import type { Request } from './request.ts';

export interface LookUpDeps {
  readonly policy: Policy;
  readonly ledger: Ledger;
  readonly account: string;
  readonly now: Clock;
}

/** What became of decisions that an earlier answer named, by key. */
export async function outcomes(
  keys: readonly string[],
  { ledger }: Pick<LookUpDeps, 'ledger'>,
): Promise<Readonly<Record<string, OutcomeAnswer>>> {
  const arns = new Set(keys.flatMap((key) => arnOfKey(key) ?? []));
  const projects = new Set(keys.flatMap((key) => (arnOfKey(key) === undefined ? [projectOfKey(key)] : [])));
  const trails = [
    ...(await mapLimited([...arns], 10, (arn) => ledger.audit({ arn }))),
    ...(await mapLimited([...projects], 10, (project) => ledger.audit({ project }))),
  ];
  const entries = Map.groupBy(trails.flat(), ({ decision }) => decision.key);
  return Object.fromEntries(keys.map((key) => [key, outcomeOf(entries.get(key)?.at(-1))]));
}

/** The project whose trail tells of a decision that names no resource; that of no project tells of teams. */
function projectOfKey(key: string): string | undefined {
  const holder = holderOfKey(key);
  return holder === undefined ? undefined : projectOfHolder(holder);
}

function outcomeOf(entry: AuditEntry | undefined): OutcomeAnswer {
  if (entry === undefined) return { status: 'unknown' };
  const { event, code, detail } = entry;
  return { status: event, ...(code === undefined ? {} : { code }), ...(detail === '' ? {} : { detail }) };
}

/** Room for the trail in an answer of a Lambda, which takes 6 MB. Bytes. */
const AUDIT_BYTES = 4_000_000;

/** The audit trail, newest last; of one that is too long, the newest. */
export async function audit(
  { of, since }: Extract<Request, { ask: 'audit' }>,
  { ledger, policy }: Pick<LookUpDeps, 'ledger' | 'policy'>,
): Promise<{ readonly audit: AuditLine[]; readonly left?: number }> {
  const from = new Date(since);
  const entries =
    'arn' in of
      ? await ledger.audit({ arn: of.arn }, from)
      : of.project === undefined
        ? await everything(ledger, policy, from)
        : await ledger.audit({ project: of.project }, from);
  const lines: AuditLine[] = [];
  let bytes = 0;
  for (const line of entries.toReversed().map(lineOf)) {
    bytes += Buffer.byteLength(JSON.stringify(line)) + 1;
    if (bytes > AUDIT_BYTES) break;
    lines.push(line);
  }
  const left = entries.length - lines.length;
  return { audit: lines.toReversed(), ...(left === 0 ? {} : { left }) };
}

/** All projects that the policy names or a restore record tells of, and what belongs to none. */
async function everything(ledger: Ledger, policy: Policy, since: Date): Promise<readonly AuditEntry[]> {
  const projects = new Set<string | undefined>([undefined, ...Object.keys(policy.projects)]);
  for (const state of ['stopped', 'restoring', 'restored'] as const) {
    for (const { project } of await ledger.restoreRecords(state)) projects.add(project);
  }
  const trails = await mapLimited([...projects], 5, (project) => ledger.audit({ project }, since));
  return trails.flat().sort((a, b) => a.at.getTime() - b.at.getTime());
}

function lineOf({ at, event, decision, code, detail }: AuditEntry): AuditLine {
  const target = 'target' in decision ? decision.target : undefined;
  return {
    at: at.toISOString(),
    event,
    action: decision.action,
    ...(target === undefined ? {} : { arn: target.arn, id: target.id, kind: target.kind }),
    ...(decision.project === undefined ? {} : { project: decision.project }),
    ...('rule' in decision ? { policy: decision.rule.policy, rule: decision.rule.rule } : {}),
    ...('trigger' in decision ? { trigger: decision.trigger } : {}),
    ...('by' in decision && decision.by !== undefined ? { by: decision.by } : {}),
    reason: decision.reason,
    ...(code === undefined ? {} : { code }),
    detail,
  };
}

/** What is kept, over budget, frozen, restorable and held now. */
export async function state({ policy, ledger, account, now }: LookUpDeps): Promise<State> {
  const at = now();
  const { regions } = policy.scope;
  const keeps = await mapLimited(regions, 5, (region) => ledger.keeps(account, region, at));
  const records = [
    ...(await ledger.restoreRecords('stopped')),
    ...(await ledger.restoreRecords('restoring')),
  ];
  const watched = await allWatches({ policy, ledger, account }, at);
  const released = await releasedOf(watched, ledger, at);
  return {
    keeps: keeps
      .flatMap((some) => [...some.values()])
      .filter(({ until }) => until > at)
      .map(({ arn, until, by, count }) => ({ arn, until: until.toISOString(), by, count })),
    projects: [...(await ledger.projectMarks(at)).values()].map((mark) => projectOf(mark, policy, at)),
    restorable: records.map(({ arn, resource, project, savedAt, trigger, state }) => ({
      arn,
      id: resource.id,
      ...(project === undefined ? {} : { project }),
      kind: resource.kind,
      savedAt: savedAt.toISOString(),
      trigger,
      state,
    })),
    held: [...heldTimes(watched)].filter((time) => !released.has(time)).sort(),
    ...(policy.approval === 'off' ? {} : { approval: approvalOf(policy, await ledger.approval()) }),
  };
}

function approvalOf(policy: Policy, approval: Approval | undefined): State['approval'] {
  const current = isPolicyApproved({ policy, approval });
  if (approval === undefined) return { current };
  const { hash, lists, at, by } = approval;
  const resources = new Set([...lists.values()].flatMap((arns) => [...arns])).size;
  return { current, last: { hash, resources, at: at.toISOString(), by } };
}

function projectOf(
  { holder, breaches, frozenUntil, reached }: ProjectMark,
  policy: Policy,
  at: Date,
): State['projects'][number] {
  const breach = breaches.get('budgets');
  const estimates = estimatesOf(breaches);
  return {
    project: holder,
    ...(breach === undefined
      ? {}
      : {
          breach: {
            ...(breach.actual === undefined ? {} : { actual: usdToDecimal(breach.actual) }),
            limit: usdToDecimal(breach.limit),
            asOf: breach.asOf.toISOString(),
          },
        }),
    ...(estimates.length === 0 ? {} : { estimates }),
    ...(frozenUntil === undefined || frozenUntil <= at ? {} : { frozenUntil: frozenUntil.toISOString() }),
    reached: [...reached].flatMap(([rule, since]) => {
      const graces = gracesOf(policy, holder, rule);
      if (graces.size === 0) return [];
      const stopAt = stopAtOf(graces, since);
      return [
        {
          rule,
          at: since.toISOString(),
          ...(stopAt === undefined ? {} : { stopAt: stopAt.toISOString() }),
        },
      ];
    }),
  };
}

const estimatesOf = (breaches: ProjectMark['breaches']) =>
  (['meter', 'meter-day', 'meter-total'] as const).flatMap((source) => {
    const reading = breaches.get(source);
    if (reading?.meter === undefined) return [];
    const { billed, estimated } = reading.meter;
    return [
      {
        source,
        spent: usdToDecimal(sumUsd([billed, estimated])),
        limit: usdToDecimal(reading.limit),
        asOf: reading.asOf.toISOString(),
      },
    ];
  });

/** The grace periods of a rule, in seconds; several where the policies differ. */
const gracesOf = (policy: Policy, holder: string, rule: string): ReadonlySet<number> =>
  new Set(
    policiesOf(policy, holder)
      .flatMap(({ budget }) => budget.filter((one) => ruleId(one) === rule && hasGrace(one)))
      .map(({ graceSeconds }) => graceSeconds),
  );

/** The minute of the stop, where all policies agree on it. */
function stopAtOf([grace, ...others]: ReadonlySet<number>, since: Date): Date | undefined {
  if (grace === undefined || others.length > 0) return undefined;
  return wholeMinute(new Date(since.getTime() + grace * 1_000));
}
