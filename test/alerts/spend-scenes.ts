import type { Coverage, CoverageFigures } from '../../lib/compliance/coverage.ts';
import { spendSentence } from '../../lib/decide/budget.ts';
import { burnRateDecision } from '../../lib/decide/burn-rate.ts';
import { freezeStop } from '../../lib/decide/freeze-stop.ts';
import { creatorTag } from '../../lib/decide/untagged.ts';
import { weeklyDecision } from '../../lib/decide/weekly.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Decision, StopDecision } from '../../lib/types/decision.ts';
import type { ProjectSpend } from '../../lib/types/meter.ts';
import { ROLES_NOT_DENIED } from '../../lib/types/outcome.ts';
import type { Resource } from '../../lib/types/resource.ts';
import type { BudgetReading } from '../../lib/types/spend.ts';
import { AT, failed, instance, notify, policy, stop, taken, usd, warn } from './fixtures.ts';
import { done, type Scene, scene } from './scene.ts';

const MONTH_END = new Date('2026-12-01T00:00:00Z');
const DAY_END = new Date('2026-11-26T00:00:00Z');

/** One that trusts estimates, too. */
export const estimating: Policy = {
  ...policy,
  projects: {
    ...policy.projects,
    recsys: {
      name: 'recsys',
      owner: 'team-beta',
      owners: [],
      members: [],
      slack: '#recsys',
      budget: usd('1000'),
      daily: usd('100'),
      total: { limit: usd('20000'), since: '2026-01-01' },
      types: ['g5.*'],
      maxHourly: usd('20'),
      freezeRoles: ['recsys-developers', 'recsys-pipelines'],
    },
  },
  policies: policy.policies.map((one) => ({
    ...one,
    budget: [
      { at: 100, of: 'actual', per: 'month', do: 'stop', graceSeconds: 0 },
      { at: 80, of: 'estimated', per: 'month', do: 'notify', graceSeconds: 0 },
      { at: 100, of: 'estimated', per: 'month', do: 'notify', graceSeconds: 0 },
      { at: 110, of: 'estimated', per: 'month', do: 'stop', graceSeconds: 900 },
      { at: 120, of: 'estimated', per: 'month', do: 'freeze', graceSeconds: 0 },
      { at: 100, of: 'estimated', per: 'day', do: 'freeze', graceSeconds: 0 },
      { at: 90, of: 'estimated', per: 'total', do: 'notify', graceSeconds: 0 },
    ],
  })),
};

const reading = (fields: Partial<BudgetReading>): BudgetReading => ({
  source: 'meter',
  budgetName: 'meter of recsys',
  holder: 'recsys',
  limit: usd('1000'),
  actual: undefined,
  forecasted: undefined,
  meter: {
    billed: usd('861.4'),
    estimated: usd('141.8'),
    low: usd('974.9'),
    high: usd('1031.55'),
    burn: usd('48.96'),
  },
  period: '2026-11-01',
  asOf: AT,
  ...fields,
});
const DAY = reading({
  source: 'meter-day',
  limit: usd('100'),
  period: '2026-11-25',
  meter: {
    billed: usd('0'),
    estimated: usd('104.04'),
    low: usd('83.23'),
    high: usd('124.85'),
    burn: usd('48.96'),
  },
});
const TOTAL = reading({
  source: 'meter-total',
  limit: usd('20000'),
  meter: {
    billed: usd('17900'),
    estimated: usd('141.8'),
    low: usd('18013.44'),
    high: usd('18070.16'),
    burn: usd('48.96'),
  },
});

const notice = (threshold: string, of: BudgetReading, spent: string): Decision => ({
  action: 'budget-notice',
  key: `budget-notice/${threshold}`,
  project: 'recsys',
  threshold,
  spent: usd(spent),
  limit: of.limit,
  reason: spendSentence(of, 'estimated', estimating),
});

const freeze = (fields: Partial<Extract<Decision, { action: 'freeze' }>> = {}): Decision => ({
  action: 'freeze',
  key: 'freeze/recsys',
  project: 'recsys',
  rule: { policy: 'development', rule: 'budget 120% of estimated: freeze' },
  until: MONTH_END,
  reason: `${spendSentence(reading({ meter: { billed: usd('1100'), estimated: usd('104.1'), low: usd('1183'), high: usd('1225'), burn: usd('48.96') } }), 'estimated', estimating)} Policy development freezes the project at 120% of estimated spend, until 2026-12-01 00:00 UTC.`,
  ...fields,
});

const launched = (n: number, seconds: number, fields: Partial<Resource> = {}): Resource =>
  instance(0xa1b2c3d4e5f10 + n, { since: new Date(AT.getTime() - seconds * 1_000), ...fields });
const big = launched(0, 4, { size: 'p3.8xlarge', hourly: usd('12.24') });
const other = launched(1, 7);
const nobodys = (n: number, fields: Partial<Resource> = {}): Resource =>
  launched(n, 40, { tags: { environment: 'dev' }, size: 'g5.2xlarge', hourly: usd('1.212'), ...fields });

const refusedType: StopDecision = stop(big, {
  trigger: 'launch',
  key: `launch/${big.arn}`,
  rule: { policy: 'development', rule: 'launch of a type that is not allowed: stop' },
  reason:
    'Project recsys may launch g5.* alone, and this is p3.8xlarge. Policy development undoes such launches. To have it, add its type to `types` of the project in the policy file.',
});

const spend = (fields: Partial<ProjectSpend>): ProjectSpend => ({
  project: 'recsys',
  asOf: AT,
  billed: usd('861.4'),
  estimated: usd('141.8'),
  low: usd('974.9'),
  high: usd('1031.55'),
  band: 'learned',
  billedThrough: new Date('2026-11-23T00:00:00Z'),
  today: usd('104.04'),
  todayBilled: usd('0'),
  burn: usd('48.96'),
  usualBurn: usd('1.4'),
  discount: 0,
  running: 4,
  unpriced: [],
  forecast: { amount: usd('7564.72'), low: usd('7400'), high: usd('7730'), basis: 'burn' },
  ...fields,
});

const figures = (resources: number, compliant: number, rest: string): CoverageFigures => ({
  resources,
  compliant,
  byCount: Math.floor((1_000 * compliant) / resources) / 10,
  hourly: usd('100'),
  compliantHourly: usd(`${100 - Number(rest)}`),
  byCost: 100 - Number(rest),
  unpriced: 0,
  lacking: [],
});
const coverage: Coverage = {
  account: figures(24, 19, '14'),
  projects: new Map([
    ['recsys', figures(11, 9, '12')],
    ['', figures(3, 0, '2')],
  ]),
};

function decided<T>(decision: T | undefined): T {
  if (decision === undefined) throw new Error('nothing was decided');
  return decision;
}

/** What live spend, launches and tags have people told. */
export const SPEND_SCENES: readonly Scene[] = [
  scene('budget-estimated', [done(notice('100% of estimated', reading({}), '1003.2'))], [], estimating),
  scene('budget-estimated-day', [done(notice('100% of estimated per day', DAY, '104.04'))], [], estimating),
  scene(
    'budget-estimated-total',
    [done(notice('90% of estimated per total', TOTAL, '18041.8'))],
    [],
    estimating,
  ),
  scene(
    'frozen-with-roles',
    [
      done(
        freeze(),
        taken('The project is frozen. Roles recsys-developers and recsys-pipelines may launch nothing.'),
      ),
    ],
    [],
    estimating,
  ),
  scene(
    'frozen-for-the-day',
    [
      done(
        freeze({
          until: DAY_END,
          rule: { policy: 'development', rule: 'budget 100% of estimated per day: freeze' },
          reason: `${spendSentence(DAY, 'estimated', estimating)} Policy development freezes the project at 100% of estimated spend per day, until 2026-11-26 00:00 UTC.`,
        }),
        taken('The project is frozen.'),
      ),
    ],
    [],
    estimating,
  ),
  scene(
    'frozen-without-its-roles',
    [
      done(freeze(), {
        ...failed(ROLES_NOT_DENIED),
        detail:
          'The project is frozen. Role recsys-developers may launch nothing. Role recsys-pipelines may launch still: NoSuchEntity: The role with name recsys-pipelines cannot be found.',
      }),
    ],
    [],
    estimating,
  ),
  scene(
    'unfrozen',
    [
      done(
        {
          action: 'unfreeze',
          key: 'unfreeze/1',
          project: 'recsys',
          by: 'olga (Slack U0OLGA)',
          reason: 'olga (Slack U0OLGA) unfreezes the project: the demo is tomorrow.',
        },
        taken(
          'The project is not frozen any more. Roles recsys-developers and recsys-pipelines may launch again.',
        ),
      ),
    ],
    [],
    estimating,
  ),
  scene('launch-refused', [done(refusedType)], [], estimating),
  scene(
    'launches-in-a-frozen-project',
    [big, other].map((target) =>
      done(
        freezeStop(target, 'recsys', decided(estimating.policies[0]), {
          holder: 'recsys',
          rule: { at: 120, of: 'estimated', per: 'month', do: 'freeze', graceSeconds: 0 },
          until: MONTH_END,
        }),
      ),
    ),
    [],
    estimating,
  ),
  scene(
    'launch-told',
    [
      done(
        notify(big, {
          trigger: 'launch',
          rule: { policy: 'development', rule: 'launch over maxHourly: notify' },
          reason:
            'Project recsys may cost $20.00 an hour. What ran before costs $14.20, and this costs $12.24 more: $26.44. It runs: policy development only tells of launches.',
        }),
      ),
    ],
    [],
    estimating,
  ),
  scene('untagged-launch', [
    done(creatorTag(nobodys(2), 'ana', policy), taken('Tagged bursar:creator=ana.')),
    done(
      notify(nobodys(2), {
        trigger: 'untagged',
        project: undefined,
        rule: { policy: 'untagged', rule: 'untagged at its launch: notify' },
        reason:
          "It was launched at 2026-11-25 10:29 UTC without a tag project, so nobody's budget sees it. Without one it is stopped at 2026-11-25 14:29 UTC.",
      }),
    ),
  ]),
  scene(
    'untagged-warning',
    [2, 3].map((n) =>
      done({
        ...warn(
          nobodys(n, { tags: { environment: 'dev', 'bursar:creator': n === 2 ? 'ana' : 'ci-runner' } }),
          new Date('2026-11-25T11:30:00Z'),
        ),
        trigger: 'untagged',
        project: undefined,
        rule: { policy: 'untagged', rule: 'untagged for 4 h: stop' },
        reason: `It has no tag project, so nobody's budget sees it. It has run since 2026-11-25 07:${n}0 UTC. What has no project is stopped after 4 h. Set its tag project to keep it.`,
      }),
    ),
  ),
  scene('untagged-stopped', [
    done(
      stop(
        nobodys(2, {
          since: new Date('2026-11-25T06:30:00Z'),
          tags: { environment: 'dev', 'bursar:creator': 'ana' },
        }),
        {
          trigger: 'untagged',
          project: undefined,
          rule: { policy: 'untagged', rule: 'untagged for 4 h: stop' },
          reason:
            "It has no tag project, so nobody's budget sees it. It has run since 2026-11-25 06:30 UTC. What has no project is stopped after 4 h.",
        },
      ),
    ),
  ]),
  scene('creators-tagged', [
    done(creatorTag(nobodys(2), 'ana', policy), taken('Tagged bursar:creator=ana.')),
    done(creatorTag(nobodys(3), 'ci-runner', policy), taken('Tagged bursar:creator=ci-runner.')),
    done(creatorTag(nobodys(4), 'bob', policy), {
      ...failed('AccessDeniedException'),
      detail: 'A service control policy denies ec2:CreateTags.',
    }),
  ]),
  scene('burn-rate', [done(decided(burnRateDecision(spend({}), estimating, AT)))], [], estimating),
  scene(
    'weekly',
    [
      done(
        decided(
          weeklyDecision({
            now: new Date('2026-11-23T08:00:00Z'),
            policy: estimating,
            spends: [
              spend({}),
              spend({ project: 'fraud', billed: usd('412'), estimated: usd('31.2'), burn: usd('1.006') }),
              spend({
                project: undefined,
                billed: usd('41.2'),
                estimated: usd('3.1'),
                unpriced: [{ arn: 'arn:x', id: 'i-1', kind: 'ec2-instance', size: 'x9.metal' }],
              }),
            ],
            coverage,
            report: {
              month: '2026-11',
              madeAt: new Date('2026-11-23T07:41:00Z'),
              keys: { html: 'h', csv: 'c', json: 'j' },
              link: {
                url: 'https://links.example.com/r/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE',
                tokenHash: 'a1b2',
                until: new Date('2026-12-01T07:41:00Z'),
              },
            },
            stopped: 12,
          }),
        ),
      ),
    ],
    [],
    estimating,
  ),
];
