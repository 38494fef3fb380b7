import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { budgetName, matchPolicy, type Policy } from '../../lib/policy/policy.ts';
import { PolicyError } from '../../lib/policy/policy-error.ts';
import { parseUsd } from '../../lib/types/money.ts';

const parse = (text: string): Policy => parsePolicy(text, 'p.yaml');
const POLICIES = 'policies: [ { name: all, match: {}, idle: off } ]\n';

function errorOf(text: string): PolicyError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error('No mistake was found.');
}

describe('a policy file', () => {
  it('has a usual value for everything that is left out', () => {
    const policy = parse(
      'version: 1\nprojects: {}\npolicies: [ { name: all, match: { team: a }, idle: { after: 30m, do: stop }, budget: [ { at: 100%, do: notify } ] } ]',
    );
    expect(policy).toEqual({
      version: 1,
      tags: {
        project: 'project',
        owner: 'owner',
        environment: 'environment',
        keepUntil: 'bursar:keep-until',
        model: 'model',
        creator: 'bursar:creator',
      },
      teams: {},
      projects: {},
      operators: [],
      timezone: 'UTC',
      policies: [
        {
          name: 'all',
          match: { team: ['a'] },
          idle: {
            afterSeconds: 1_800,
            warnSeconds: 0,
            do: 'stop',
            below: { cpu: 5, gpu: 5, network: 10_000, invocations: 1, backlog: 1, connections: 1 },
          },
          budget: [{ at: 100, of: 'actual', per: 'month', do: 'notify', graceSeconds: 0 }],
          allow: [],
          restore: 'by-hand',
          launch: 'notify',
        },
      ],
      untagged: { afterSeconds: 86_400, do: 'notify', warnSeconds: 0 },
      requiredTags: { project: 'any' },
      alerts: { burnRate: 10, weekly: true, anomalies: true },
      limits: { maxStopsPerSweep: 25, maxFleetShare: 30 },
      scope: { regions: ['us-east-1'], accounts: ['self'] },
      approval: 'off',
      dismissed: [],
      allocation: { shared: [], usage: {} },
    });
  });

  it.each([
    ['required', 'required'],
    ['off', 'off'],
    ['false', 'off'],
    ['"off"', 'off'],
  ])('reads approval: %s', (written, meant) => {
    const text = `version: 1\nprojects: {}\npolicies: [ { name: all, match: {}, idle: off } ]\napproval: ${written}`;
    expect(parse(text).approval).toBe(meant);
  });

  it('gives every value in its unit', () => {
    const policy = parse(
      [
        'version: 1',
        'tags: { project: team }',
        'projects: { "a b": { owner: x, budget: 99.50 USD, slack: "#a_b-1", owners: [U012AB3CD, S0614TZR7], members: [W012] }, none: {} }',
        'operators: [S0614TZR8]',
        'timezone: Europe/Berlin',
        'policies:',
        '  - name: p',
        '    match: { project: [a b, none], stage: x }',
        '    idle: { after: 2h, warn: 90s, do: stop, below: { cpu: 2.5%, gpu: 100%, network: 1.5 MB/s, invocations: 7, backlog: 3, connections: 4 } }',
        '    budget: [ { at: 33.33%, of: forecasted, do: notify }, { at: 10%, do: freeze, grace: 45m } ]',
        '    allow: [stop-jobs, scale-to-zero]',
        '    restore: next-period',
        'untagged: { after: 2d }',
        'limits: { maxStopsPerSweep: 1, maxFleetShare: 100% }',
        'scope: { regions: [eu-central-1, us-gov-west-1, ap-southeast-5] }',
      ].join('\n'),
    );
    expect(policy.tags.project).toBe('team');
    expect(policy.projects).toEqual({
      'a b': {
        name: 'a b',
        owner: 'x',
        budget: parseUsd('99.5'),
        slack: '#a_b-1',
        owners: ['U012AB3CD', 'S0614TZR7'],
        members: ['W012'],
        freezeRoles: [],
      },
      none: { name: 'none', owners: [], members: [], freezeRoles: [] },
    });
    expect(policy.operators).toEqual(['S0614TZR8']);
    expect(policy.timezone).toBe('Europe/Berlin');
    expect(policy.policies).toEqual([
      {
        name: 'p',
        match: { project: ['a b', 'none'], stage: ['x'] },
        idle: {
          afterSeconds: 7_200,
          warnSeconds: 90,
          do: 'stop',
          below: { cpu: 2.5, gpu: 100, network: 1_500_000, invocations: 7, backlog: 3, connections: 4 },
        },
        budget: [
          { at: 33.33, of: 'forecasted', per: 'month', do: 'notify', graceSeconds: 0 },
          { at: 10, of: 'actual', per: 'month', do: 'freeze', graceSeconds: 2_700 },
        ],
        allow: ['stop-jobs', 'scale-to-zero'],
        restore: 'next-period',
        launch: 'notify',
      },
    ]);
    expect(policy.untagged).toEqual({ afterSeconds: 172_800, do: 'notify', warnSeconds: 0 });
    expect(policy.limits).toEqual({ maxStopsPerSweep: 1, maxFleetShare: 100 });
    expect(policy.scope.regions).toEqual(['eu-central-1', 'us-gov-west-1', 'ap-southeast-5']);
  });

  it.each(['off', 'false', '"off"'])('reads idle: %s as off', (word) => {
    const text = `version: 1\nprojects: {}\npolicies: [ { name: all, match: {}, idle: ${word} } ]`;
    expect(parse(text).policies[0]?.idle).toBe('off');
  });

  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])(
    'takes the time zone %s',
    (timezone) => {
      const text = `version: 1\nprojects: {}\ntimezone: ${timezone}\n${POLICIES}`;
      expect(parse(text).timezone).toBe(timezone);
    },
  );

  it('is the example at the root, as the design page means it', () => {
    const policy = parse(readFileSync('bursar.yaml', 'utf8'));
    expect(Object.keys(policy.projects)).toEqual([
      'fraud-detection',
      'recsys',
      'demand-forecast',
      'llm-finetuning',
      'ml-platform',
    ]);
    const policyOf = (tags: Record<string, string>) => matchPolicy(policy, tags)?.name;
    expect(policyOf({ environment: 'prod', project: 'llm-finetuning' })).toBe('production');
    expect(policyOf({ environment: 'dev', project: 'llm-finetuning' })).toBe('gpu-training');
    expect(policyOf({ environment: 'dev', project: 'recsys' })).toBe('development');
    expect(policyOf({})).toBe('everything-else');
  });

  it('may begin with a byte order mark and end its lines as Windows does', () => {
    const text = `\uFEFFversion: 1\r\nprojects: {}\r\n${POLICIES}`;
    expect(parse(text).version).toBe(1);
    expect(errorOf(`${text}limts: {}\r\n`).message).toBe(
      'p.yaml:4:1: Unknown key "limts". Did you mean "limits"?',
    );
  });

  it('may reuse a value by anchor and alias', () => {
    const policy = parse(
      'version: 1\nprojects: {}\npolicies:\n  - { name: a, match: { x: y }, idle: &quick { after: 20m, do: stop } }\n  - { name: b, match: {}, idle: *quick }\n',
    );
    expect(policy.policies[1]?.idle).toEqual(policy.policies[0]?.idle);
  });

  it('keeps keys as they are written', () => {
    const policy = parse(`version: 1\nprojects: { 007: {}, 1.10: {}, true: {}, off: {} }\n${POLICIES}`);
    expect(Object.keys(policy.projects)).toEqual(['007', '1.10', 'true', 'off']);
  });

  it('reads limits by period, what may be launched, and what is told', () => {
    const policy = parse(
      [
        'version: 1',
        'projects:',
        '  a: { budget: { monthly: 4000 USD, daily: 300 USD, total: 50000 USD, since: 2026-01-15 }, discount: 28%, types: [g5.*, ml.m5.xlarge], maxHourly: 50 USD, freezeRoles: [ml-dev] }',
        '  b: { budget: { daily: 1 USD } }',
        'policies: [ { name: p, match: {}, launch: stop, budget: [ { at: 90%, of: estimated, do: stop }, { at: 90%, of: estimated, per: day, do: freeze } ] } ]',
        'untagged: { after: 4h, do: stop }',
        'requiredTags: { owner: any, environment: [dev, prod] }',
        'alerts: { burnRate: off, weekly: off }',
      ].join('\n'),
    );
    expect(policy.projects).toEqual({
      a: {
        name: 'a',
        budget: parseUsd('4000'),
        daily: parseUsd('300'),
        total: { limit: parseUsd('50000'), since: '2026-01-15' },
        discount: 28,
        types: ['g5.*', 'ml.m5.xlarge'],
        maxHourly: parseUsd('50'),
        freezeRoles: ['ml-dev'],
        owners: [],
        members: [],
      },
      b: { name: 'b', daily: parseUsd('1'), freezeRoles: [], owners: [], members: [] },
    });
    expect(policy.policies[0]).toMatchObject({
      launch: 'stop',
      budget: [
        { at: 90, of: 'estimated', per: 'month', do: 'stop' },
        { at: 90, of: 'estimated', per: 'day', do: 'freeze' },
      ],
    });
    expect(policy.untagged).toEqual({ afterSeconds: 14_400, do: 'stop', warnSeconds: 3_600 });
    expect(policy.requiredTags).toEqual({ owner: 'any', environment: ['dev', 'prod'] });
    expect(policy.alerts).toEqual({ burnRate: undefined, weekly: false, anomalies: true });
  });

  it('reads teams, models and how costs find their projects', () => {
    const policy = parse(
      [
        'version: 1',
        'teams: { alpha: { owner: ana, budget: { monthly: 9000 USD, daily: 500 USD }, slack: "#alpha", owners: [U012AB3CD] } }',
        'projects:',
        '  a: { team: alpha, models: { scorer: { budget: 100 USD }, ranker: { budget: { total: 9 USD, since: 2026-01-15 } } } }',
        '  b: {}',
        'policies: [ { name: all, match: {}, budget: [ { at: 90%, of: estimated, per: day, do: notify }, { at: 90%, of: estimated, per: total, do: notify } ] } ]',
        'allocation:',
        '  bill: { location: "s3://bills/exports/cur", format: cur2, athena: { database: billing, table: cur } }',
        '  shared:',
        '    - { name: support, match: { service: "AWS Support*", charge: [fee, tax] }, split: direct, among: [a, b] }',
        '    - { name: platform, match: { project: platform }, to: b }',
        '    - { name: gpus, match: { tags: { shared: [gpu, tpu] } }, split: { usage: gpu, capacityPerHour: 28800, idle: { to: b }, whenUnused: even } }',
        '    - { name: tokens, match: { resource: "arn:*" }, split: { usage: tokens, per: period } }',
        '    - { name: rest, match: { region: eu-west-1 }, split: { weights: { a: 2, b: 0.5 } } }',
        '  usage:',
        '    gpu: { unit: GPU-seconds, file: gpu.csv, time: at, sampled: false, tenants: { ghost: idle, x: a } }',
        '    tokens: { metric: { namespace: llm, name: Tokens, tenant: Project, where: { Endpoint: shared } } }',
      ].join('\n'),
    );
    expect(policy.teams).toEqual({
      alpha: {
        name: 'alpha',
        owner: 'ana',
        budget: parseUsd('9000'),
        daily: parseUsd('500'),
        slack: '#alpha',
        owners: ['U012AB3CD'],
      },
    });
    expect(policy.projects.a).toMatchObject({
      team: 'alpha',
      models: {
        scorer: { name: 'scorer', budget: parseUsd('100') },
        ranker: { name: 'ranker', total: { limit: parseUsd('9'), since: '2026-01-15' } },
      },
    });
    expect(policy.allocation).toEqual({
      bill: {
        location: 's3://bills/exports/cur',
        format: 'cur2',
        athena: { database: 'billing', table: 'cur', workgroup: 'primary' },
      },
      shared: [
        {
          name: 'support',
          match: { service: ['AWS Support*'], charge: ['fee', 'tax'] },
          split: { by: 'direct' },
          among: ['a', 'b'],
        },
        { name: 'platform', match: { project: ['platform'] }, split: { by: 'project', project: 'b' } },
        {
          name: 'gpus',
          match: { tags: { shared: ['gpu', 'tpu'] } },
          split: {
            by: 'usage',
            usage: 'gpu',
            per: 'day',
            capacityPerHour: 28_800,
            idle: { project: 'b' },
            whenUnused: 'even',
          },
        },
        {
          name: 'tokens',
          match: { resource: ['arn:*'] },
          split: { by: 'usage', usage: 'tokens', per: 'period', idle: 'line', whenUnused: 'idle' },
        },
        {
          name: 'rest',
          match: { region: ['eu-west-1'] },
          split: { by: 'weights', weights: { a: 2, b: 0.5 } },
        },
      ],
      usage: {
        gpu: {
          unit: 'GPU-seconds',
          tenants: { ghost: 'idle', x: 'a' },
          from: 'file',
          location: 'gpu.csv',
          columns: { time: 'at', tenant: 'tenant', amount: 'amount' },
          sampled: false,
        },
        tokens: {
          unit: 'units',
          tenants: {},
          from: 'metric',
          namespace: 'llm',
          metric: 'Tokens',
          tenant: 'Project',
          where: { Endpoint: 'shared' },
          region: undefined,
        },
      },
    });
  });

  it('finds no project and no tag that no one wrote', () => {
    const inherited: string = 'constructor';
    const empty = parse(`version: 1\nprojects: {}\n${POLICIES}`);
    expect(empty.projects[inherited]).toBeUndefined();
    const named = parse(`version: 1\nprojects: { constructor: { owner: x }, toString: {} }\n${POLICIES}`);
    expect(named.projects[inherited]).toEqual({
      name: 'constructor',
      owner: 'x',
      owners: [],
      members: [],
      freezeRoles: [],
    });
    expect(Object.keys(named.projects)).toEqual(['constructor', 'toString']);
  });

  it('takes the longest project name that fits an AWS Budget', () => {
    const name = 'x'.repeat(84);
    const policy = parse(`version: 1\nprojects: { ${name}: {} }\n${POLICIES}`);
    expect(Object.keys(policy.projects)).toEqual([name]);
    expect(budgetName(policy, name)).toHaveLength(100);
  });

  it('may order thresholds anew for each kind of spend, and use ten of them', () => {
    const rules = (of: string) => [20, 40, 60, 80, 100].map((at) => `{ at: ${at}%, of: ${of}, do: notify }`);
    const all = [...rules('forecasted'), ...rules('actual')].join(', ');
    const policy = parse(
      `version: 1\nprojects: { a: { budget: 1 USD } }\npolicies: [ { name: all, match: {}, budget: [ ${all} ] } ]`,
    );
    expect(policy.policies[0]?.budget).toHaveLength(10);
  });

  it('counts the thresholds of a project’s own policies alone', () => {
    const rules = (from: number) =>
      [0, 1, 2, 3, 4, 5].map((n) => `{ at: ${from + n}%, do: notify }`).join(', ');
    const policy = (project: string, from: number) =>
      `{ name: ${project}, match: { project: ${project} }, budget: [ ${rules(from)} ] }`;
    const projects = '{ a: { budget: 1 USD }, b: { budget: 1 USD } }';
    expect(() =>
      parse(`version: 1\nprojects: ${projects}\npolicies: [ ${policy('a', 10)}, ${policy('b', 20)} ]`),
    ).not.toThrow();
  });

  it('lets a later policy take what is left by the earlier ones', () => {
    expect(() =>
      parse(
        [
          'version: 1\nprojects: {}\npolicies:',
          '  - { name: a, match: { environment: dev, team: x }, idle: off }',
          '  - { name: b, match: { environment: [dev, test] }, idle: off }',
          '  - { name: c, match: { environment: [test, qa] }, idle: off }',
          '  - { name: d, match: { team: x }, idle: off }',
          '  - { name: e, match: { team: "" }, idle: off }',
        ].join('\n'),
      ),
    ).not.toThrow();
  });
});

describe('the mistakes of a file', () => {
  it('are listed in the order of the file, twenty of them at most', () => {
    const lines = Array.from({ length: 25 }, (_, index) => `  p${index}: { budget: ${index} }`);
    const error = errorOf(`version: 1\nprojects:\n${lines.join('\n')}\n${POLICIES}`);
    expect(error.problems.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, n) => n + 3));
    expect(error.hidden).toBe(5);
    expect(error.message.split('\n').at(-1)).toBe('and 5 more');
  });

  it('never quote more than a little, nor anything that a terminal would obey', () => {
    const error = errorOf(
      `version: 1\nprojects: { a: { slack: "\\e]0;${'x'.repeat(5_000)}\\u202e" } }\n${POLICIES}`,
    );
    expect(error.message).toHaveLength(
      'p.yaml:2:25: "\\u{1b}]0;…" is not a Slack channel. Write it in lower case with its # and in quotes: "#fraud-ml".'
        .length + 36,
    );
    expect(error.message).not.toMatch(/\p{C}/u);
  });
});

describe('a text that was made to do harm', () => {
  const nest = (open: string) => open.repeat(20_000);
  const bomb = Array.from({ length: 9 }, (_, n) => {
    const inner = n === 0 ? 'x' : `*a${n - 1}`;
    return `k${n}: &a${n} [${Array.from({ length: 9 }, () => inner).join(', ')}]`;
  }).join('\n');
  const chain = Array.from({ length: 5_000 }, (_, n) =>
    n === 0 ? 'k0: &a0 x' : `k${n}: &a${n} [*a${n - 1}]`,
  ).join('\n');

  it.each([
    ['10 MB', 'x'.repeat(10_000_000), 'The file is larger than 256 KiB.'],
    ['10 MB of keys', 'a: b\n'.repeat(2_000_000), 'The file is larger than 256 KiB.'],
    ['more bytes than characters', 'é'.repeat(200_000), 'The file is larger than 256 KiB.'],
    ['a nest of lists', nest('['), 'Nest less deeply.'],
    ['a nest of mappings', nest('{'), 'Nest less deeply.'],
    ['a nest of dashes', nest('- '), 'Nest less deeply.'],
    ['a nest that is closed', `${'['.repeat(400)}${']'.repeat(400)}`, 'More than 50 levels deep.'],
    ['a bomb of aliases', bomb, 'Aliases stand for more than 10000 values in all.'],
    ['a chain of aliases', chain, 'More than 50 levels deep.'],
  ])(
    '%s is refused soon',
    (_title, text, message) => {
      const error = errorOf(text);
      expect(error.problems).toHaveLength(1);
      expect(error.message).toContain(message);
    },
    2_000,
  );

  it('40,000 keys are refused soon', () => {
    const text = Array.from({ length: 40_000 }, (_, n) => `k${n.toString(36)}:\n`).join('');
    const error = errorOf(text);
    expect(error.problems.length + error.hidden).toBeGreaterThan(40_000);
  }, 4_000);

  it('10,000 misspelt names of 9,000 projects are refused soon', () => {
    const names = (word: string, count: number) =>
      Array.from({ length: count }, (_, n) => `${word}${n.toString(36)}`);
    const projects = names('proj', 9_000).map((name) => `${name}: {}`);
    const error = errorOf(
      `version: 1\nprojects: { ${projects.join(', ')} }\npolicies: [ { name: a, idle: off, match: { project: [${names('prox', 10_000).join(',')}] } } ]\n`,
    );
    expect(error.problems[0]?.message).toBe('No project is named "prox0". Did you mean "proj0"?');
    expect(error.hidden).toBe(9_980);
  }, 4_000);
});
