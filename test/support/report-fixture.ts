import fc from 'fast-check';
import type { CoverageFigures } from '../../lib/compliance/coverage.ts';
import { CHARGES } from '../../lib/policy/allocation.ts';
import type { DayReport, LevelReport, Mover, Report, RunningNow } from '../../lib/report/report.ts';
import type { Allocation, ProjectCosts, RuleOutcome } from '../../lib/types/allocation.ts';
import { microUsd, parseUsd, sumUsd, type Usd, ZERO_USD } from '../../lib/types/money.ts';
import type { Recommendation, Recommendations } from '../../lib/types/recommendation.ts';
import type { StopSavings } from '../../lib/types/savings.ts';
import { anyWords } from '../page/arbitraries.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Numbers that look like chance and are the same each time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;
const part = (amount: Usd, of: number): Usd => microUsd((amount * BigInt(Math.round(of * 1e6))) / 1_000_000n);
const minus = (a: Usd, b: Usd): Usd => microUsd(a - b);

/** By weight, to the micro-dollar: the last one takes what is left. */
function split(amount: Usd, weights: readonly number[]): readonly Usd[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const parts = weights.slice(0, -1).map((weight) => part(amount, whole === 0 ? 0 : weight / whole));
  return [...parts, minus(amount, sumUsd(parts))];
}

interface SampleProject {
  readonly name: string;
  readonly team: string | undefined;
  readonly owner: string | undefined;
  readonly limit: string | undefined;
  /** USD a day, about. */
  readonly daily: number;
  readonly models: readonly (readonly [name: string, share: number, limit: string | undefined])[];
}

const PROJECTS: readonly SampleProject[] = [
  {
    name: 'fraud-detection',
    team: 'risk',
    owner: 'ana@example.com',
    limit: '4000',
    daily: 148,
    models: [
      ['scorer-v3', 0.55, '2200'],
      ['embeddings', 0.25, undefined],
    ],
  },
  { name: 'credit-scoring', team: 'risk', owner: 'ben', limit: '2500', daily: 61, models: [] },
  {
    name: 'recsys',
    team: 'growth',
    owner: 'team-beta',
    limit: '12000',
    daily: 512,
    models: [['two-tower', 0.7, '9000']],
  },
  { name: 'search-ranking', team: 'growth', owner: 'chen', limit: '1500', daily: 33, models: [] },
  { name: 'vision', team: 'growth', owner: undefined, limit: '900', daily: 37, models: [] },
  { name: 'playground', team: undefined, owner: undefined, limit: undefined, daily: 12, models: [] },
];

const advice = (
  check: string,
  id: string,
  kind: string,
  project: string | undefined,
  monthly: string,
  more: Pick<Recommendation, 'title' | 'basis' | 'evidence' | 'keeps' | 'how'> &
    Partial<Pick<Recommendation, 'risk' | 'effort' | 'confidence'>>,
): Recommendation => {
  const arn = `arn:aws:ec2:us-east-1:111122223333:${kind === 'EBS volume' ? 'volume' : 'instance'}/${id}`;
  return {
    id: `${check} ${arn}`,
    check,
    resource: { arn, id, kind, region: 'us-east-1', project, owner: project && 'ana@example.com' },
    monthly: usd(monthly),
    risk: 'low',
    effort: 'low',
    confidence: 'high',
    ...more,
  };
};

const VOLUME = advice('gp2-to-gp3', 'vol-0f3d6c2a', 'EBS volume', 'recsys', '10', {
  title: 'Change volume vol-0f3d6c2a from gp2 to gp3.',
  basis: '500 GiB × ($0.10 - $0.08) a month.',
  evidence: ['It is a volume of 500 GiB of the older type gp2, attached to i-0b7e.'],
  keeps: 'Its 1,500 IOPS and 250 MiB/s: gp3 gets 3,000 IOPS, and 250 MiB/s by --throughput.',
  how: [
    {
      form: 'command',
      text: 'aws ec2 modify-volume --volume-id vol-0f3d6c2a --volume-type gp3 --throughput 250 --region us-east-1',
    },
  ],
});

/** Two that are open, and one that somebody has dismissed. */
const RECOMMENDATIONS: Recommendations = {
  open: [
    advice('underused-instance', 'i-0b7e55c1d2', 'EC2 instance', 'fraud-detection', '367.19', {
      title: 'Resize i-0b7e55c1d2 from g5.2xlarge to g5.xlarge.',
      basis: '730 h × ($1.509 - $1.006) an hour.',
      risk: 'medium',
      effort: 'medium',
      evidence: [
        'In 14 days its CPU was never above 31%, its memory never above 9.2 GiB, its GPU never above 78%.',
      ],
      keeps: 'Its GPU (24 GiB) and 25% of headroom over the most memory seen.',
      how: [
        {
          form: 'command',
          text: 'aws ec2 stop-instances --instance-ids i-0b7e55c1d2\naws ec2 modify-instance-attribute --instance-id i-0b7e55c1d2 --instance-type g5.xlarge\naws ec2 start-instances --instance-ids i-0b7e55c1d2',
        },
        { form: 'cdk', text: "instanceType: new InstanceType('g5.xlarge')" },
      ],
    }),
    VOLUME,
  ],
  dismissed: [
    {
      recommendation: {
        ...VOLUME,
        monthly: usd('3.6'),
        title: 'Delete volume vol-0aa1, attached to nothing.',
      },
      dismissal: { recommendation: VOLUME.id, until: '2027-01-31', reason: 'forensics, ticket 412' },
    },
  ],
  monthly: usd('377.19'),
  notes: [],
};

const TEAMS = [
  { name: 'risk', owner: 'dora', limit: '7000' },
  { name: 'growth', owner: 'eli', limit: '14000' },
] as const;

/** What carries no project: what rules split, and the rest. USD a day, about. */
const SHARED = [
  { rule: 'gpu-cluster', service: 'Amazon Elastic Compute Cloud - Compute', daily: 96 },
  { rule: 'platform', service: 'Amazon Elastic Container Service for Kubernetes', daily: 21 },
  { rule: 'network', service: 'AWS Data Transfer', daily: 8.3 },
  { rule: 'support', service: 'AWS Support (Business)', daily: 14.7 },
  { rule: undefined, service: 'Amazon Simple Storage Service', daily: 5.1 },
  { rule: undefined, service: 'AmazonCloudWatch', daily: 1.9 },
  { rule: undefined, service: 'Tax', daily: 0.77 },
] as const;

const SERVICES = [
  ['Amazon Elastic Compute Cloud - Compute', 0.62],
  ['Amazon SageMaker', 0.3],
  ['Amazon Relational Database Service', 0.08],
] as const;

export interface ReportSize {
  /** More than the six that have names of their own are numbered. */
  readonly projects?: number;
  readonly running?: number;
  readonly stops?: number;
  readonly isOver?: boolean;
  readonly seed?: number;
  /** What projects are called instead. */
  readonly rename?: (name: string) => string;
}

/**
 * A month as it may truly be: six projects in two teams, three models, four rules that split what is shared (one by
 * samples, with an idle line), the month under way on its 25th day, billed through the 23rd. All sums agree to the
 * micro-dollar.
 */
export function sampleReport(size: ReportSize = {}): Report {
  const { isOver = false, seed = 11, rename = (name: string) => name } = size;
  const random = chance(seed);
  const from = new Date('2026-11-01T00:00:00Z');
  const end = new Date('2026-12-01T00:00:00Z');
  const to = isOver ? end : new Date('2026-11-25T10:30:00Z');
  const projects = projectsOf(size.projects ?? PROJECTS.length, random).map((one) => ({
    ...one,
    name: rename(one.name),
  }));
  const billedDays = isOver ? 30 : 23;
  const dates = Array.from({ length: Math.ceil((to.getTime() - from.getTime()) / DAY) }, (_, n) => n);

  const shared = SHARED.map((one) => ({ ...one, cost: ZERO_USD }));
  const days = dates.map((n): DayReport => {
    const length = Math.min(1, (to.getTime() - from.getTime()) / DAY - n);
    const weekday = new Date(from.getTime() + n * DAY).getUTCDay();
    const pace = (weekday === 0 || weekday === 6 ? 0.45 : 1) * length;
    const known = n < billedDays ? 1 : n === billedDays ? 0.55 : 0;
    const own = projects.map(({ name, daily }, index): [string, DayReport['projects']] => {
      const burst = index === 4 && n >= 19 ? 2.6 : index === 2 && n === 12 ? 2.3 : 1;
      const spent = usd((daily * pace * burst * (0.85 + 0.3 * random())).toFixed(6));
      const billed = part(spent, known);
      return [name, new Map([[name, { billed, estimated: minus(spent, billed) }]])];
    });
    const sharedToday = sumUsd(
      shared.map((one) => {
        const cost = known === 1 ? usd((one.daily * (0.92 + 0.16 * random())).toFixed(6)) : ZERO_USD;
        one.cost = sumUsd([one.cost, cost]);
        return cost;
      }),
    );
    const amounts = new Map(own.flatMap(([, map]) => [...map]));
    if (sharedToday !== 0n) amounts.set('', { billed: sharedToday, estimated: ZERO_USD });
    return { day: new Date(from.getTime() + n * DAY).toISOString().slice(0, 10), projects: amounts };
  });

  const spentOn = (day: string, project: string | undefined): Usd => {
    const found = days.find((one) => one.day === day)?.projects.get(project ?? '');
    return found === undefined ? ZERO_USD : sumUsd([found.billed, found.estimated]);
  };
  const running = isOver ? undefined : runningOf(size.running ?? 14, projects, to, random);
  const levels = levelsOf(projects, days, { from, to, end, isOver });
  const owners = levels.filter(({ level }) => level === 'project' || level === 'none');
  const total = totalOf(owners, isOver);
  return {
    account: '123456789012',
    month: '2026-11',
    from,
    to,
    madeAt: isOver ? new Date('2026-12-02T06:00:00Z') : new Date('2026-11-25T10:31:00Z'),
    isOver,
    project: undefined,
    total,
    levels,
    days,
    movers: moversOf(projects, levels, random),
    allocation: allocationOf(projects, days, shared, total.billed),
    running,
    savings: savingsOf(size.stops ?? 9, projects, { from, to }, random),
    coverage: isOver ? undefined : coverageOf(projects, total.billed, shared),
    recommendations: isOver ? undefined : RECOMMENDATIONS,
    ownCost: {
      items: [
        {
          what: 'Lambda',
          cost: usd('3.412907'),
          basis: '44,640 invocations, 812,000 GB-seconds at list price',
        },
        { what: 'DynamoDB', cost: usd('0.874112'), basis: '1.2 million writes, 2.9 million reads on demand' },
        { what: 'Cost Explorer', cost: usd('0.97'), basis: '97 requests at $0.01' },
        {
          what: 'CloudWatch metrics',
          cost: usd('2.30441'),
          basis: '230,441 metrics asked for at $0.01 per 1,000',
        },
      ],
      total: usd('7.561429'),
      without: ['Logs, which are less than a dollar a month as a rule.', 'The free tier is not taken off.'],
    },
    anomalies: isOver
      ? []
      : [
          {
            project: projects[4]?.name,
            day: '2026-11-24',
            by: 'meter',
            spent: spentOn('2026-11-24', projects[4]?.name),
            expected: usd('37.40'),
            low: usd('24.10'),
            high: usd('52.80'),
            services: [
              {
                service: 'Amazon SageMaker',
                spent: part(spentOn('2026-11-24', projects[4]?.name), 0.74),
                expected: usd('14.20'),
              },
              {
                service: 'Amazon Elastic Compute Cloud - Compute',
                spent: part(spentOn('2026-11-24', projects[4]?.name), 0.26),
                expected: usd('23.20'),
              },
            ],
          },
          {
            project: projects[2]?.name,
            day: '2026-11-13',
            by: 'bill',
            spent: spentOn('2026-11-13', projects[2]?.name),
            expected: usd('512.30'),
            low: usd('380.00'),
            high: usd('660.00'),
            services: [
              {
                service: 'Amazon SageMaker',
                spent: part(spentOn('2026-11-13', projects[2]?.name), 0.76),
                expected: usd('231.40'),
              },
            ],
          },
          {
            project: undefined,
            day: '2026-11-09',
            by: 'bill',
            spent: spentOn('2026-11-09', undefined),
            expected: usd('210.00'),
            low: usd('180.00'),
            high: usd('240.00'),
            services: [],
          },
        ],
    notes: [
      'The bill is known through 2026-11-23; what is later is estimated from prices and running times.',
      'Spend is amortized cost without credits and refunds.',
    ],
  };
}

function projectsOf(count: number, random: () => number): readonly SampleProject[] {
  return Array.from(
    { length: count },
    (_, index): SampleProject =>
      PROJECTS[index] ?? {
        name: `project-${String(index).padStart(3, '0')}`,
        team: index % 3 === 0 ? undefined : TEAMS[index % 2]?.name,
        owner: index % 4 === 0 ? undefined : `owner-${index % 17}`,
        limit: index % 7 === 0 ? undefined : String(200 + Math.round(random() * 3_000)),
        daily: 2 + random() * 90,
        models: index % 5 === 0 ? [[`model-${index}`, 0.6, '900']] : [],
      },
  );
}

interface SampleSpan {
  readonly from: Date;
  readonly to: Date;
  readonly end: Date;
  readonly isOver: boolean;
}

function levelsOf(
  projects: readonly SampleProject[],
  days: readonly DayReport[],
  span: SampleSpan,
): readonly LevelReport[] {
  const { from, to, end, isOver } = span;
  const levelOf = (
    level: LevelReport['level'],
    base: Pick<LevelReport, 'name' | 'within' | 'owner'> & { readonly limit: string | undefined },
    of: ReadonlySet<string>,
    share = 1,
  ): LevelReport => {
    let billed = ZERO_USD;
    let estimated = ZERO_USD;
    const burnDown = days.map(({ projects: amounts }, n) => {
      for (const [name, one] of amounts) {
        if (!of.has(name)) continue;
        billed = sumUsd([billed, part(one.billed, share)]);
        estimated = sumUsd([estimated, part(one.estimated, share)]);
      }
      return {
        at: new Date(Math.min(to.getTime(), from.getTime() + (n + 1) * DAY)),
        billed,
        estimated,
      };
    });
    const spent = sumUsd([billed, estimated]);
    const burn = microUsd(spent / BigInt(Math.round((to.getTime() - from.getTime()) / HOUR)));
    const left = Math.round((end.getTime() - to.getTime()) / HOUR);
    const amount = sumUsd([spent, microUsd(burn * BigInt(left))]);
    const limit = base.limit === undefined ? undefined : usd(base.limit);
    const hours = limit === undefined || burn === 0n ? undefined : Number((limit - spent) / burn);
    return {
      level,
      name: base.name,
      within: base.within,
      owner: base.owner,
      limit,
      billed,
      estimated,
      spent,
      forecast: isOver
        ? undefined
        : {
            amount,
            low: minus(amount, part(minus(amount, spent), 0.3)),
            high: sumUsd([amount, part(minus(amount, spent), 0.35)]),
          },
      burn: isOver ? undefined : burn,
      runsOutAt:
        isOver || hours === undefined || hours < 0 || hours >= left
          ? undefined
          : new Date(to.getTime() + hours * HOUR),
      burnDown,
    };
  };
  const none = { name: '', within: undefined, owner: undefined, limit: undefined };
  return [
    ...TEAMS.map((team) =>
      levelOf(
        'team',
        { ...team, within: undefined },
        new Set(projects.filter((one) => one.team === team.name).map(({ name }) => name)),
      ),
    ),
    ...projects.map((one) => levelOf('project', { ...one, within: one.team }, new Set([one.name]))),
    ...projects.flatMap((one) =>
      one.models.map(([name, share, limit]) =>
        levelOf('model', { name, within: one.name, owner: undefined, limit }, new Set([one.name]), share),
      ),
    ),
    ...(days.some((day) => day.projects.has('')) ? [levelOf('none', none, new Set(['']))] : []),
  ];
}

function totalOf(owners: readonly LevelReport[], isOver: boolean): Report['total'] {
  const sum = (pick: (one: LevelReport) => Usd | undefined): Usd =>
    sumUsd(owners.map((one) => pick(one) ?? ZERO_USD));
  return {
    billed: sum((one) => one.billed),
    estimated: sum((one) => one.estimated),
    spent: sum((one) => one.spent),
    forecast: isOver
      ? undefined
      : {
          amount: sum((one) => one.forecast?.amount),
          low: sum((one) => one.forecast?.low),
          high: sum((one) => one.forecast?.high),
        },
    burn: isOver ? undefined : sum((one) => one.burn),
  };
}

function moversOf(
  projects: readonly SampleProject[],
  levels: readonly LevelReport[],
  random: () => number,
): readonly Mover[] {
  return projects
    .flatMap(({ name }): Mover[] => {
      const billed = levels.find((one) => one.level === 'project' && one.name === name)?.billed ?? ZERO_USD;
      return SERVICES.map(([service, share], index) => {
        const now = part(billed, share);
        return {
          project: name,
          service,
          now,
          before: index === 2 ? ZERO_USD : part(now, 0.4 + 1.2 * random()),
        };
      });
    })
    .concat([{ project: '', service: 'Amazon Redshift', before: usd('612.345678'), now: ZERO_USD }])
    .filter(({ now, before }) => now !== before)
    .sort((a, b) => Number(size(minus(b.now, b.before)) - size(minus(a.now, a.before))));
}

const size = (amount: Usd): bigint => (amount < 0n ? -amount : amount);

function allocationOf(
  projects: readonly SampleProject[],
  days: readonly DayReport[],
  shared: readonly { readonly rule: string | undefined; readonly service: string; readonly cost: Usd }[],
  total: Usd,
): Allocation {
  const billed = days.filter(({ projects: amounts }) => [...amounts.values()].some((one) => one.billed > 0n));
  const direct = projects.map(({ name }) =>
    sumUsd(billed.map((day) => day.projects.get(name)?.billed ?? ZERO_USD)),
  );
  const rules = shared.flatMap(({ rule, cost }): RuleOutcome[] =>
    rule === undefined ? [] : [outcomeOf(rule, cost, projects, direct)],
  );
  const unowned = shared.filter(({ rule }) => rule === undefined);
  const costs = projects.map(({ name, team }, index): ProjectCosts => {
    const own = direct[index] ?? ZERO_USD;
    const gave = rules.flatMap(({ rule, shares }) =>
      shares.flatMap((one) => (one.project === name && one.cost !== 0n ? [{ rule, cost: one.cost }] : [])),
    );
    const services = split(
      own,
      SERVICES.map(([, share]) => share),
    );
    const whole = sumUsd([own, ...gave.map(({ cost }) => cost)]);
    const byDay = split(
      whole,
      billed.map(() => 1),
    );
    return {
      project: name,
      team,
      direct: own,
      shared: gave,
      total: whole,
      byDay: new Map(billed.map(({ day }, n) => [day, byDay[n] ?? ZERO_USD])),
      byService: SERVICES.map(([service], n) => ({ service, cost: services[n] ?? ZERO_USD })),
    };
  });
  const environments = split(sumUsd(direct), [0.61, 0.3, 0.09]);
  const given = split(sumUsd(rules.map(({ cost, idle }) => minus(cost, idle))), [0.61, 0.3, 0.09]);
  const notSpend = usd('-512.4');
  return {
    source: 'cur2',
    from: '2026-11-01',
    to: billed.at(-1)?.day ?? '2026-11-01',
    total,
    projects: costs.toSorted((a, b) => Number(b.total - a.total)),
    rules,
    unowned: {
      total: sumUsd(unowned.map(({ cost }) => cost)),
      byService: unowned.map(({ service, cost }) => ({ service, cost })),
    },
    idle: sumUsd(rules.map(({ idle }) => idle)),
    dimensions: new Map([
      [
        'environment',
        ['prod', 'dev', ''].map((value, n) => ({
          value,
          direct: environments[n] ?? ZERO_USD,
          shared: given[n] ?? ZERO_USD,
          total: sumUsd([environments[n] ?? ZERO_USD, given[n] ?? ZERO_USD]),
        })),
      ],
    ]),
    reconciliation: {
      allocated: total,
      lines: total,
      charges: [
        {
          charge: 'usage',
          called: 'Usage',
          amortized: part(total, 0.8),
          unblended: part(total, 0.8),
          isSpend: true,
        },
        {
          charge: 'commitment',
          called: 'SavingsPlanCoveredUsage',
          amortized: minus(total, part(total, 0.8)),
          unblended: usd('3100'),
          isSpend: true,
        },
        {
          charge: 'credit',
          called: 'Credit',
          amortized: usd('-500'),
          unblended: usd('-500'),
          isSpend: false,
        },
        {
          charge: 'refund',
          called: 'Refund',
          amortized: usd('-12.4'),
          unblended: usd('-12.4'),
          isSpend: false,
        },
      ],
      spend: total,
      difference: ZERO_USD,
      notSpend,
      invoiced: sumUsd([part(total, 0.8), usd('3100'), notSpend]),
      ledger: total,
    },
    notes: ['412,306 lines of the Data Export were read.'],
  };
}

function outcomeOf(
  rule: string,
  cost: Usd,
  projects: readonly SampleProject[],
  direct: readonly Usd[],
): RuleOutcome {
  const weights = projects.map((_, index) => {
    switch (rule) {
      case 'gpu-cluster':
        return [41_212, 9_100, 88_450, 0, 22_718][index] ?? (index % 11) * 100;
      case 'platform':
        return [3, 2, 4, 1, 1][index] ?? 0;
      case 'support':
        return Number(direct[index] ?? 0n) / 1e6;
      default:
        return 1;
    }
  });
  const sampled = rule === 'gpu-cluster';
  const idle = sampled ? part(cost, 0.273) : ZERO_USD;
  const used = minus(cost, idle);
  const costs = split(used, weights);
  return {
    rule,
    explained: EXPLAINED.get(rule) ?? [],
    cost,
    idle,
    shares: projects
      .map(({ name }, index) => {
        const own = costs[index] ?? ZERO_USD;
        return {
          project: name,
          cost: own,
          percent: cost === 0n ? 0 : Number((own * 10_000n) / cost) / 100,
          basis: UNITS.has(rule) ? weights[index] : undefined,
          interval: sampled && own !== 0n ? { low: part(own, 0.93), high: part(own, 1.08) } : undefined,
        };
      })
      .toSorted((a, b) => Number(b.cost - a.cost)),
    fallbacks: sampled
      ? ['On 2026-11-08 nobody used it: $96.41 of that day is idle, as `whenUnused: idle` says.']
      : [],
    byDay: new Map(),
    basisUnit: UNITS.get(rule),
    samples: sampled ? 5_184 : undefined,
  };
}

const UNITS = new Map([
  ['gpu-cluster', 'GPU-seconds'],
  ['platform', 'parts'],
  ['support', 'USD spent directly'],
]);

const EXPLAINED = new Map<string, readonly string[]>([
  [
    'gpu-cluster',
    [
      'Split by GPU-seconds of the job logs (usage/gpu.csv), for each UTC day by itself.',
      'The cluster can give 691,200 GPU-seconds a day; what nobody used is a line of its own.',
      'The logs are samples, so that shares are estimates with an interval of 95 %.',
    ],
  ],
  ['platform', ['Split by the weights of the policy file: 3, 2, 4, 1 and 1.']],
  ['network', ['Split evenly among all projects of the policy file.']],
  ['support', ['Split in proportion to what each project spends directly in the whole month.']],
]);

const KINDS = [
  ['EC2 instance', 'p3.2xlarge', '3.06'],
  ['SageMaker endpoint', 'ml.g5.2xlarge × 2', '3.03'],
  ['EC2 instance', 'g5.xlarge', '1.006'],
  ['RDS database', 'db.m5.large', '0.171'],
  ['EBS volume', 'gp3 10 GB', '0.001096'],
  ['EC2 instance', 'x9.new', ''],
] as const;

function resourceOf(index: number, projects: readonly SampleProject[]) {
  const [kind, size, hourly] = KINDS[index % KINDS.length] ?? KINDS[0];
  const id = `i-${(0x0abc1200 + index).toString(16).padStart(17, '0')}`;
  return {
    arn: `arn:aws:ec2:us-east-1:123456789012:instance/${id}`,
    id,
    kind,
    size,
    region: index % 3 === 0 ? 'eu-central-1' : 'us-east-1',
    project: index % 9 === 8 ? undefined : projects[index % projects.length]?.name,
    hourly: parseUsd(hourly),
  };
}

const runningOf = (
  count: number,
  projects: readonly SampleProject[],
  to: Date,
  random: () => number,
): readonly RunningNow[] =>
  Array.from(
    { length: count },
    (_, index): RunningNow => ({
      ...resourceOf(index, projects),
      owner: projects[index % projects.length]?.owner,
      since: index % 7 === 6 ? undefined : new Date(to.getTime() - random() * 60 * DAY),
    }),
  ).sort((a, b) => Number((b.hourly ?? 0n) - (a.hourly ?? 0n)));

function savingsOf(
  count: number,
  projects: readonly SampleProject[],
  { from, to }: Pick<SampleSpan, 'from' | 'to'>,
  random: () => number,
): Report['savings'] {
  const ends = ['restored', 'schedule', 'now', 'gone', 'cap', 'period'] as const;
  const stops = Array.from({ length: count }, (_, index): StopSavings => {
    const resource = resourceOf(index, projects);
    const hours = Math.round(4 + random() * 60);
    const stoppedAt = new Date(from.getTime() + random() * (to.getTime() - from.getTime() - 70 * HOUR));
    return {
      ...resource,
      stoppedAt,
      until: new Date(stoppedAt.getTime() + hours * HOUR),
      by: ends[index % ends.length] ?? 'now',
      trigger: index % 4 === 3 ? 'budget' : 'idle',
      policy: 'development',
      saved: microUsd((resource.hourly ?? 0n) * BigInt(hours)),
      reason: 'Idle for 30 min: CPU below 5 %, GPU below 3 %, no connections.',
    };
  }).sort((a, b) => Number(b.saved - a.saved));
  const byProject = [...Map.groupBy(stops, ({ project }) => project)].map(([project, some]) => ({
    project,
    saved: sumUsd(some.map(({ saved }) => saved)),
    stops: some.length,
  }));
  return {
    from,
    to,
    total: sumUsd(stops.map(({ saved }) => saved)),
    byProject,
    stops,
    assumptions: [
      'A stop counts as saved at list price, less the discount of the project, until it was restored, would have been stopped by a schedule, or was gone.',
      'At most 72 h are believed of one stop.',
    ],
  };
}

function coverageOf(
  projects: readonly SampleProject[],
  billed: Usd,
  shared: readonly { readonly cost: Usd }[],
): Report['coverage'] {
  const none = sumUsd(shared.map(({ cost }) => cost));
  const figures = (resources: number, compliant: number): CoverageFigures => ({
    resources,
    compliant,
    byCount: resources === 0 ? 100 : Math.floor((compliant / resources) * 1_000) / 10,
    hourly: usd(`${resources * 2}.4`),
    compliantHourly: usd(`${compliant * 2}`),
    byCost: resources === 0 ? 100 : Math.floor((compliant / (resources + 0.2)) * 1_000) / 10,
    unpriced: resources > compliant ? 1 : 0,
    lacking: [
      { key: 'project', missing: resources > 12 ? 2 : 0, wrong: 0 },
      { key: 'owner', missing: resources - compliant, wrong: 0 },
      { key: 'environment', missing: 0, wrong: resources > compliant ? 1 : 0 },
    ],
  });
  return {
    account: figures(84, 71),
    projects: new Map([
      ...projects.map(
        (one, index) =>
          [one.name, figures(6 + (index % 20), Math.min(6 + (index % 20), 5 + (index % 17)))] as const,
      ),
      ['', figures(4, 0)] as const,
    ]),
    spendWithProject: billed === 0n ? undefined : Number((minus(billed, none) * 1_000n) / billed) / 10,
  };
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const MONTH = Date.UTC(2026, 10, 1);
const anyTime = fc.integer({ min: -48, max: 24 * 32 }).map((hour) => new Date(MONTH + hour * HOUR));
const anyDay = fc
  .integer({ min: 0, max: 29 })
  .map((n) => new Date(MONTH + n * DAY).toISOString().slice(0, 10));
/** Mostly amounts of bills; some below zero, some that AWS billed by mistake once. */
const anyUsd: fc.Arbitrary<Usd> = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 10n ** 11n }).map(microUsd) },
  fc.bigInt({ min: -(10n ** 9n), max: 30_000n }).map(microUsd),
  fc.constantFrom(0n, 5_000n, 183_965_812_157_540_000n).map(microUsd),
);
/** Names that attack, that every object has, that run from right to left, or never end. */
export const anyName = fc.oneof(
  anyWords,
  fc.constantFrom('__proto__', 'constructor', 'toString', 'مشروع الرؤية', 'x'.repeat(200), 'a-b '.repeat(50)),
  fc.constantFrom('=1+1', '+1', '-1', '@SUM(A1)', "'=1", ' =1', 'a;=1+1', 'a,"b"', '=cmd|x!A1'),
);

const anyServices = fc
  .uniqueArray(anyName, { maxLength: 4 })
  .chain((names) =>
    fc
      .array(anyUsd, { minLength: names.length, maxLength: names.length })
      .map((costs) => names.map((service, n) => ({ service, cost: costs[n] ?? ZERO_USD }))),
  );

/** An allocation whose sums agree, of any amounts and names. */
export const anyAllocation: fc.Arbitrary<Allocation> = fc
  .record({
    projects: fc.uniqueArray(anyName, { maxLength: 6 }),
    rules: fc.uniqueArray(anyName, { maxLength: 4 }),
    unowned: anyServices,
  })
  .chain(({ projects, rules, unowned }) =>
    fc
      .record({
        services: fc.tuple(...projects.map(() => anyServices)),
        gives: fc.tuple(...rules.map(() => fc.tuple(...projects.map(() => anyUsd)))),
        idle: fc.tuple(...rules.map(() => anyUsd)),
        words: fc.array(anyWords, { maxLength: 2 }),
        team: maybe(anyName),
        interval: maybe(fc.record({ low: anyUsd, high: anyUsd })),
        day: anyDay,
        charge: fc.record({
          charge: fc.constantFrom(...CHARGES),
          called: anyName,
          amortized: anyUsd,
          unblended: anyUsd,
          isSpend: fc.boolean(),
        }),
        spend: maybe(anyUsd),
        notSpend: anyUsd,
        source: fc.constantFrom('cost-explorer', 'cur2', 'focus', 'athena', 'ledger'),
        dimension: anyName,
      })
      .map((some): Allocation => {
        const costs = projects.map((project, p): ProjectCosts => {
          const byService = some.services[p] ?? [];
          const direct = sumUsd(byService.map(({ cost }) => cost));
          const shared = rules.map((rule, r) => ({ rule, cost: some.gives[r]?.[p] ?? ZERO_USD }));
          const total = sumUsd([direct, ...shared.map(({ cost }) => cost)]);
          return {
            project,
            team: some.team,
            direct,
            shared,
            total,
            byDay: new Map([[some.day, total]]),
            byService,
          };
        });
        const outcomes = rules.map((rule, r): RuleOutcome => {
          const idle = some.idle[r] ?? ZERO_USD;
          const gives = some.gives[r] ?? [];
          return {
            rule,
            explained: some.words,
            cost: sumUsd([idle, ...gives]),
            idle,
            shares: projects.map((project, p) => ({
              project,
              cost: gives[p] ?? ZERO_USD,
              percent: 100 / projects.length,
              basis: r % 2 === 0 ? undefined : p * 1.5,
              interval: some.interval,
            })),
            fallbacks: some.words,
            byDay: new Map(),
            basisUnit: r % 2 === 0 ? undefined : 'things',
            samples: some.interval === undefined ? undefined : 12,
          };
        });
        const unownedTotal = sumUsd(unowned.map(({ cost }) => cost));
        const idle = sumUsd(outcomes.map((one) => one.idle));
        const total = sumUsd([unownedTotal, idle, ...costs.map((one) => one.total)]);
        return {
          source: some.source,
          from: '2026-11-01',
          to: some.day,
          total,
          projects: costs,
          rules: outcomes,
          unowned: { total: unownedTotal, byService: unowned },
          idle,
          dimensions: new Map([
            [
              some.dimension,
              costs.map((one) => ({
                value: one.project,
                direct: one.direct,
                shared: minus(one.total, one.direct),
                total: one.total,
              })),
            ],
          ]),
          reconciliation: {
            allocated: total,
            lines: total,
            charges: some.spend === undefined ? [] : [some.charge],
            spend: some.spend,
            difference: some.spend === undefined ? undefined : minus(some.spend, total),
            notSpend: some.notSpend,
            invoiced: some.spend,
            ledger: some.spend,
          },
          notes: some.words,
        };
      }),
  );

const anyLevels = (names: readonly string[]): fc.Arbitrary<readonly LevelReport[]> =>
  fc.array(
    fc
      .record({
        level: fc.constantFrom('team', 'project', 'model', 'none'),
        name: fc.constantFrom('', ...names),
        within: maybe(fc.constantFrom(...names, 'nowhere')),
        owner: maybe(anyName),
        limit: maybe(anyUsd),
        billed: anyUsd,
        estimated: anyUsd,
        forecast: maybe(fc.record({ amount: anyUsd, low: anyUsd, high: anyUsd })),
        burn: maybe(anyUsd),
        runsOutAt: maybe(anyTime),
        burnDown: fc
          .array(fc.record({ at: anyTime, billed: anyUsd, estimated: anyUsd }), { maxLength: 5 })
          .map((points) => points.toSorted((a, b) => a.at.getTime() - b.at.getTime())),
      })
      .map((one) => ({ ...one, spent: sumUsd([one.billed, one.estimated]) })),
    { maxLength: 8 },
  );

const anyGrade = fc.constantFrom('low' as const, 'medium' as const, 'high' as const);

const anyRecommendation: fc.Arbitrary<Recommendation> = fc.record({
  id: anyName,
  check: anyName,
  title: anyWords,
  resource: fc.record({
    arn: anyName,
    id: anyName,
    kind: anyName,
    region: anyName,
    project: maybe(anyName),
    owner: maybe(anyName),
  }),
  monthly: anyUsd,
  basis: anyWords,
  risk: anyGrade,
  effort: anyGrade,
  confidence: anyGrade,
  evidence: fc.array(anyWords, { maxLength: 2 }),
  keeps: anyWords,
  how: fc.array(fc.record({ form: fc.constantFrom('command' as const, 'cdk' as const), text: anyWords }), {
    minLength: 1,
    maxLength: 2,
  }),
});

/** Any report, however odd: its parts need not agree. */
export const anyReport: fc.Arbitrary<Report> = fc
  .uniqueArray(anyName, { minLength: 1, maxLength: 4 })
  .chain((names) => {
    const project = maybe(fc.constantFrom(...names));
    const resource = {
      arn: anyName,
      id: anyName,
      kind: anyName,
      size: anyName,
      region: anyName,
      project,
      hourly: maybe(anyUsd),
    };
    const figures = fc.record({
      resources: fc.nat(),
      compliant: fc.nat(),
      byCount: fc.constant(33.3),
      hourly: anyUsd,
      compliantHourly: anyUsd,
      byCost: fc.constant(100),
      unpriced: fc.nat(),
      lacking: fc.array(fc.record({ key: anyName, missing: fc.nat(), wrong: fc.nat() }), { maxLength: 2 }),
    });
    return fc.record({
      account: anyName,
      month: fc.constant('2026-11'),
      from: fc.constant(new Date(MONTH)),
      to: fc.integer({ min: 0, max: 720 }).map((hour) => new Date(MONTH + hour * HOUR)),
      madeAt: anyTime,
      isOver: fc.boolean(),
      project,
      total: fc
        .record({
          billed: anyUsd,
          estimated: anyUsd,
          forecast: maybe(fc.record({ amount: anyUsd, low: anyUsd, high: anyUsd })),
          burn: maybe(anyUsd),
        })
        .map((one) => ({ ...one, spent: sumUsd([one.billed, one.estimated]) })),
      levels: anyLevels(names),
      days: fc
        .uniqueArray(anyDay, { maxLength: 4 })
        .chain((days) =>
          fc.tuple(
            ...days
              .toSorted()
              .map((day) =>
                fc
                  .array(
                    fc.tuple(fc.constantFrom('', ...names), fc.record({ billed: anyUsd, estimated: anyUsd })),
                  )
                  .map((pairs): DayReport => ({ day, projects: new Map(pairs) })),
              ),
          ),
        ),
      movers: fc.array(
        fc.record({ project: fc.constantFrom('', ...names), service: anyName, before: anyUsd, now: anyUsd }),
        { maxLength: 3 },
      ),
      allocation: maybe(anyAllocation),
      running: maybe(
        fc.array(fc.record({ ...resource, owner: maybe(anyName), since: maybe(anyTime) }), { maxLength: 3 }),
      ),
      recommendations: maybe(
        fc.record({
          open: fc.array(anyRecommendation, { maxLength: 2 }),
          dismissed: fc.array(
            fc.record({
              recommendation: anyRecommendation,
              dismissal: fc.record({
                recommendation: anyWords,
                reason: anyWords,
                until: fc.constant('2027-01-31'),
              }),
            }),
            { maxLength: 1 },
          ),
          monthly: anyUsd,
          notes: fc.array(anyWords, { maxLength: 1 }),
        }),
      ),
      savings: fc.record({
        from: anyTime,
        to: anyTime,
        total: anyUsd,
        byProject: fc.array(fc.record({ project, saved: anyUsd, stops: fc.nat() }), { maxLength: 2 }),
        stops: fc.array(
          fc.record({
            ...resource,
            stoppedAt: anyTime,
            until: anyTime,
            by: fc.constantFrom('restored', 'gone', 'schedule', 'cap', 'period', 'now'),
            trigger: anyName,
            policy: anyName,
            saved: anyUsd,
            reason: anyWords,
          }),
          { maxLength: 3 },
        ),
        assumptions: fc.array(anyWords, { maxLength: 2 }),
      }),
      coverage: maybe(
        fc.record({
          account: figures,
          projects: fc.array(fc.tuple(fc.constantFrom('', ...names), figures)).map((pairs) => new Map(pairs)),
          spendWithProject: maybe(fc.constant(81.5)),
        }),
      ),
      ownCost: fc.record({
        items: fc.array(fc.record({ what: anyName, cost: anyUsd, basis: anyWords }), { maxLength: 2 }),
        total: anyUsd,
        without: fc.array(anyWords, { maxLength: 2 }),
      }),
      anomalies: fc.array(
        fc.record({
          project,
          day: anyDay,
          by: fc.constantFrom('meter', 'bill'),
          spent: anyUsd,
          expected: anyUsd,
          low: anyUsd,
          high: anyUsd,
          services: fc.array(fc.record({ service: anyName, spent: anyUsd, expected: anyUsd }), {
            maxLength: 3,
          }),
        }),
        { maxLength: 2 },
      ),
      notes: fc.array(anyWords, { maxLength: 2 }),
    });
  });
