/** One mistake (or more) in a policy file, and everything that is said about it. */
export interface Mistake {
  readonly title: string;
  readonly text: string;
  readonly says: readonly string[];
}

const PROJECTS = 'projects: { recsys: { budget: 12000 USD } }\n';
const POLICIES = 'policies: [ { name: all, match: {}, idle: off } ]\n';

/** A file that is right but for its projects. */
const projects = (yaml: string): string => `version: 1\nprojects:\n  ${yaml}\n${POLICIES}`;
/** A file that is right but for its policies, which begin on line 4. */
const policies = (...yaml: readonly string[]): string =>
  `version: 1\n${PROJECTS}policies:\n${yaml.map((line) => `  - ${line}\n`).join('')}`;
/** A file that is right but for one top-level line, the last (4). */
const also = (yaml: string): string => `version: 1\n${PROJECTS}${POLICIES}${yaml}\n`;

const START = 'It starts with `version: 1` and has `projects` and `policies`.';
const PERCENT = 'Write a number and a percent sign, such as 80%.';
const DURATION = 'Write a whole number and its unit, such as 30m, 24h or 2d.';
const PROJECT_NAME =
  'It is part of the name of its AWS Budget: use up to 84 visible characters, no : or \\ or /action/, no space at either end.';
const TAG_KEY = 'Use letters, digits and _ . : / = + - @, up to 128 of them, and not the prefix aws:.';
const CHANNEL = 'Write it in lower case with its # and in quotes: "#fraud-ml".';
const IDLE = 'Write off, or a rule such as { after: 30m, warn: 10m, do: stop }.';
const SLACK_ID =
  'Write the id of a user or a user group, such as U012AB3CD or S0614TZR7, not a name: in Slack it is under “Copy member ID”.';
const LOOK = 'Look for a missing quote, colon or bracket here or just before.';

const WHOLE_FILE: readonly Mistake[] = [
  {
    title: 'an empty file',
    text: '',
    says: ['p.yaml:1:1: The file is empty. Start it with version: 1, then add `projects` and `policies`.'],
  },
  {
    title: 'comments alone',
    text: '# to do\n',
    says: ['p.yaml:1:1: The file is empty. Start it with version: 1, then add `projects` and `policies`.'],
  },
  {
    title: 'a list at the root',
    text: '# mine\n- version: 1\n',
    says: [`p.yaml:2:1: The policy file must be a mapping, not a list. ${START}`],
  },
  {
    title: 'a word at the root',
    text: 'hello',
    says: [`p.yaml:1:1: The policy file must be a mapping, not "hello". ${START}`],
  },
  {
    title: 'everything missing',
    text: 'limits: {}\n',
    says: [
      'p.yaml:1:1: `version` is missing. Write version: 1.',
      'p.yaml:1:1: `projects` is missing. Write a line for each project, such as recsys: { budget: 12000 USD }.',
      'p.yaml:1:1: `policies` is missing. Write at least one, such as { name: everything, match: {}, idle: off }.',
    ],
  },
  {
    title: 'a version of tomorrow',
    text: `version: 2\n${PROJECTS}${POLICIES}`,
    says: ['p.yaml:1:10: 2 is not a version that this Bursar reads. Write version: 1.'],
  },
  {
    title: 'two documents',
    text: `version: 1\n${PROJECTS}${POLICIES}---\nversion: 1\n`,
    says: ['p.yaml:4:1: A second document starts here. Keep one: remove the `---` and what follows it.'],
  },
  {
    title: 'a tab',
    text: 'version: 1\nprojects:\n\trecsys: {}\n',
    says: ['p.yaml:3:1: Not valid YAML: Tabs are not allowed as indentation. Indent with spaces.'],
  },
  {
    title: 'a quote that is not closed',
    text: 'version: 1\nprojects: { a: { owner: "x } }\n',
    says: [`p.yaml:3:1: Not valid YAML: Missing closing "quote. ${LOOK}`],
  },
  {
    title: 'a Slack channel without quotes, whose # hides the bracket',
    text: projects('a: { owner: x, slack: #fraud-ml }'),
    says: [
      'p.yaml:3:25: A # after a space starts a comment, which hides the bracket after it. Put quotes around a Slack channel: "#fraud-ml".',
    ],
  },
  {
    title: 'a custom tag',
    text: `version: 1\nprojects: !include other.yaml\n${POLICIES}`,
    says: ['p.yaml:2:11: Not valid YAML: Unresolved tag: !include. Remove the tag (the word with `!`).'],
  },
  {
    title: 'an alias without an anchor',
    text: `version: 1\n${PROJECTS}policies: *mine\n`,
    says: ['p.yaml:3:11: No anchor &mine stands before *mine. Write it above.'],
  },
  {
    title: 'an alias inside its own anchor',
    text: `version: 1\n${PROJECTS}policies: &mine [ *mine ]\n`,
    says: ['p.yaml:3:19: *mine stands inside what it names. Write the value out.'],
  },
  {
    title: 'a key that is a list',
    text: also('? [ limits ]\n: {}'),
    says: ['p.yaml:4:3: A key must be plain text. Write it as one word, or in quotes.'],
  },
  {
    title: 'an unknown key at the top',
    text: also('limts: { maxStopsPerSweep: 5 }'),
    says: ['p.yaml:4:1: Unknown key "limts". Did you mean "limits"?'],
  },
  {
    title: 'an unknown key that is like no other',
    text: also('rhythm: nightly'),
    says: [
      'p.yaml:4:1: Unknown key "rhythm". Remove it, or use one of these: version, tags, teams, projects, operators, timezone, schedules, policies, untagged, requiredTags, alerts, limits, scope, approval, allocation, dismissed.',
    ],
  },
  {
    title: 'a misspelt key that is required: said once',
    text: `version: 1\n${PROJECTS}polices: [ { name: all, match: {}, idle: off } ]\n`,
    says: ['p.yaml:3:1: Unknown key "polices". Did you mean "policies"?'],
  },
  {
    title: 'mappings and lists in each other’s place',
    text: 'version: 1\nprojects: []\npolicies: {}\nuntagged: off\nlimits: 3\nscope: { regions: us-east-1 }\ntags: [a]\n',
    says: [
      'p.yaml:2:11: `projects` must be a mapping, not a list. Write a line for each project, such as recsys: { budget: 12000 USD }.',
      'p.yaml:3:11: `policies` must be a list of policies, not a mapping. Write at least one, such as { name: everything, match: {}, idle: off }.',
      'p.yaml:4:11: `untagged` must be a mapping, not "off". Give it some of these keys: after, do, warn.',
      'p.yaml:5:9: `limits` must be a mapping, not 3. Give it some of these keys: maxStopsPerSweep, maxFleetShare.',
      'p.yaml:6:19: "us-east-1" is not a list. List AWS regions, such as [us-east-1, eu-west-1].',
      'p.yaml:7:7: `tags` must be a mapping, not a list. Give it some of these keys: project, owner, environment, keepUntil, model, creator.',
    ],
  },
];

const PROJECT_MISTAKES: readonly Mistake[] = [
  {
    title: 'two projects of one name',
    text: projects('recsys: {}\n  fraud: {}\n  recsys: { budget: 1 USD }'),
    says: ['p.yaml:5:3: The key "recsys" stands here twice, first on line 3. Keep one.'],
  },
  {
    title: 'a project called __proto__',
    text: projects('__proto__: { owner: x }'),
    says: ['p.yaml:3:3: The key "__proto__" is not allowed. Take another name.'],
  },
  {
    title: 'names that no AWS Budget can have',
    text: projects(
      `"a:b": {}\n  'a\\b': {}\n  " a": {}\n  "a\\e[31m": {}\n  a/action/b: {}\n  ${'x'.repeat(94)}: {}\n  "": {}`,
    ),
    says: [
      `p.yaml:3:3: "a:b" cannot be a project's name. ${PROJECT_NAME}`,
      `p.yaml:4:3: "a\\b" cannot be a project's name. ${PROJECT_NAME}`,
      `p.yaml:5:3: " a" cannot be a project's name. ${PROJECT_NAME}`,
      `p.yaml:6:3: "a\\u{1b}[31m" cannot be a project's name. ${PROJECT_NAME}`,
      `p.yaml:7:3: "a/action/b" cannot be a project's name. ${PROJECT_NAME}`,
      `p.yaml:8:3: "${'x'.repeat(40)}…" cannot be a project's name. ${PROJECT_NAME}`,
      `p.yaml:9:3: "" cannot be a project's name. ${PROJECT_NAME}`,
    ],
  },
  {
    title: 'a project with nothing',
    text: projects('recsys:'),
    says: [
      'p.yaml:3:10: A project is empty. Give it some of these keys: owner, team, budget, models, slack, owners, members, discount, types, maxHourly, freezeRoles.',
    ],
  },
  {
    title: 'an unknown key in a project',
    text: projects('recsys: { ownr: team-beta }'),
    says: ['p.yaml:3:13: Unknown key "ownr". Did you mean "owner"?'],
  },
  {
    title: 'an amount with a dollar sign',
    text: projects('recsys: { budget: $4,000.50 }'),
    says: [
      'p.yaml:3:21: "$4" is not an amount. Write 4 USD.',
      'p.yaml:3:24: Unknown key "000.50". Remove it, or use one of these: owner, team, budget, models, slack, owners, members, discount, types, maxHourly, freezeRoles.',
    ],
  },
  {
    title: 'amounts in other forms',
    text: projects(
      'a: { budget: $4000 }\n  b: { budget: 4000 }\n  c: { budget: 4000 EUR }\n  d: { budget: "12,000 USD" }\n  e: { budget: .nan }\n  f: { budget: -5 USD }\n  g: { budget: {} }\n  h: { budget: 4000 usd }',
    ),
    says: [
      'p.yaml:3:16: "$4000" is not an amount. Write 4000 USD.',
      'p.yaml:4:16: 4000 is not an amount. Write 4000 USD.',
      'p.yaml:5:16: "4000 EUR" is not an amount. Write an amount in US dollars, such as 4000 USD.',
      'p.yaml:6:16: "12,000 USD" is not an amount. Write 12000 USD.',
      'p.yaml:7:16: NaN is not an amount. Write an amount in US dollars, such as 4000 USD.',
      'p.yaml:8:16: "-5 USD" is not an amount. Write an amount in US dollars, such as 4000 USD.',
      'p.yaml:9:16: This budget has no amount. Give it `monthly`, `daily` or `total`.',
      'p.yaml:10:16: "4000 usd" is not an amount. Write 4000 USD.',
    ],
  },
  {
    title: 'an amount that its comma cut in two: said once',
    text: projects('recsys: { budget: 12,000 USD }'),
    says: [
      'p.yaml:3:24: "000 USD" is no key: the comma before it cut an amount in two. Write amounts without commas, such as 4000 USD.',
    ],
  },
  {
    title: 'a budget of nothing',
    text: projects('recsys: { budget: 0 USD }'),
    says: ['p.yaml:3:21: A budget of 0 USD is spent at once. Write a larger amount, or remove `budget`.'],
  },
  {
    title: 'limits by period in other forms',
    text: projects(
      'a: { budget: { total: 5 USD } }\n  b: { budget: { monthly: 5 USD, since: 2026-01-01 } }\n  c: { budget: { total: 5 USD, since: 2026-02-30 } }\n  d: { budget: { monthly: 5, daily: 0 USD } }\n  e: { budget: { monthly: 12,000 USD } }\n  f: { budget: { weekly: 5 USD } }',
    ),
    says: [
      'p.yaml:3:25: `total` needs to know since when. Add `since: 2026-01-01`, with its own date.',
      'p.yaml:4:41: `since` belongs to `total`, and there is none. Add `total`, or remove `since`.',
      'p.yaml:5:39: "2026-02-30" is no date of the calendar. Write a date such as 2026-01-01.',
      'p.yaml:6:27: 5 is not an amount. Write 5 USD.',
      'p.yaml:6:37: A budget of 0 USD is spent at once. Write a larger amount, or remove `daily`.',
      'p.yaml:7:30: "000 USD" is no key: the comma before it cut an amount in two. Write amounts without commas, such as 4000 USD.',
      'p.yaml:8:18: Unknown key "weekly". Remove it, or use one of these: monthly, daily, total, since.',
    ],
  },
  {
    title: 'what a project may launch, in other forms',
    text: projects(
      'a: { types: [G5.xlarge], maxHourly: 0 USD, freezeRoles: ["arn:aws:iam::111122223333:role/ml/dev"], discount: 99% }',
    ),
    says: [
      'p.yaml:3:16: "G5.xlarge" is not an instance type. Write it such as g5.xlarge or ml.g5.*.',
      'p.yaml:3:39: No machine is free. Write a larger amount, or remove `maxHourly`.',
      'p.yaml:3:60: "arn:aws:iam::111122223333:role/ml/dev" is not the name of an IAM role. Write its name alone: dev.',
      'p.yaml:3:112: `discount: 99%` is out of range. Write a percentage from 0% to 95%.',
    ],
  },
  {
    title: 'roles that must not or cannot be denied launches',
    text: projects(
      'a: { freezeRoles: [cdk-hnb659fds-deploy-role, AWSServiceRoleForAutoScaling, awsreservedsso_Developer_0123456789ab, ml-dev] }',
    ),
    says: [
      'p.yaml:3:22: "cdk-hnb659fds-deploy-role" is a role that the CDK deploys with. Name roles that people and jobs of the project launch with.',
      'p.yaml:3:49: "AWSServiceRoleForAutoScaling" is a role of a service of AWS, which nobody else can change. Name roles that people and jobs of the project launch with.',
      'p.yaml:3:79: "awsreservedsso_Developer_0123456789ab" is a role of IAM Identity Center, which alone can change it. Name roles that people and jobs of the project launch with, or use a service control policy (docs/organisation-scp.md).',
    ],
  },
  {
    title: 'Slack channels in other forms',
    text: projects('a: { slack: fraud-ml }\n  b: { slack: "#Fraud ML" }\n  c:\n    slack: #fraud-ml'),
    says: [
      `p.yaml:3:15: "fraud-ml" is not a Slack channel. ${CHANNEL}`,
      `p.yaml:4:15: "#Fraud ML" is not a Slack channel. ${CHANNEL}`,
      'p.yaml:6:12: `slack` is empty. Put quotes around the channel, since # starts a comment: "#fraud-ml".',
    ],
  },
  {
    title: 'an owner that YAML reads as a number',
    text: projects('recsys: { owner: 42 }'),
    says: ['p.yaml:3:20: 42 is not text. Put quotes around it.'],
  },
  {
    title: 'people by anything but their Slack id',
    text: projects('a: { owners: ["@ana", u012ab3cd, C012AB3CD] }\n  b: { members: [ana@example.com, 12] }'),
    says: [
      `p.yaml:3:17: "@ana" is not a Slack id. ${SLACK_ID}`,
      `p.yaml:3:25: "u012ab3cd" is not a Slack id. ${SLACK_ID}`,
      `p.yaml:3:36: "C012AB3CD" is not a Slack id. ${SLACK_ID}`,
      `p.yaml:4:18: "ana@example.com" is not a Slack id. ${SLACK_ID}`,
      `p.yaml:4:35: 12 is not a Slack id. ${SLACK_ID}`,
    ],
  },
  {
    title: 'people who are no list, nobody at all, and one twice',
    text: projects(
      'a: { owners: U012AB3CD }\n  b: { members: [] }\n  c: { owners: [U012AB3CD, U012AB3CD] }\n  d: { members: }',
    ),
    says: [
      'p.yaml:3:16: "U012AB3CD" is not a list. List Slack ids, such as [U012AB3CD].',
      'p.yaml:4:17: `members` is an empty list. List Slack ids, such as [U012AB3CD].',
      'p.yaml:5:28: "U012AB3CD" stands twice in `owners`. Keep one.',
      'p.yaml:6:17: `members` is empty. List Slack ids, such as [U012AB3CD].',
    ],
  },
];

const POLICY_MISTAKES: readonly Mistake[] = [
  {
    title: 'no policy at all',
    text: `version: 1\n${PROJECTS}policies: []\n`,
    says: [
      'p.yaml:3:11: `policies` is empty, so nothing would be watched. Write at least one, such as { name: everything, match: {}, idle: off }.',
    ],
  },
  {
    title: 'a policy without name and match',
    text: policies('idle: off'),
    says: [
      'p.yaml:4:5: `name` is missing. Give the policy a name of its own.',
      'p.yaml:4:5: `match` is missing. Write the tags to match, such as { environment: prod }, or {} for everything.',
    ],
  },
  {
    title: 'a match that is empty',
    text: policies('{ name: all, match: , idle: off }'),
    says: [
      'p.yaml:4:25: `match` is empty. Write the tags to match, such as { environment: prod }, or {} for everything.',
    ],
  },
  {
    title: 'a policy that does nothing',
    text: policies('{ name: all, match: {} }'),
    says: [
      'p.yaml:4:5: This policy does nothing. Give it `idle` or `budget`; to leave its resources alone, write idle: off.',
    ],
  },
  {
    title: 'a name that no terminal should show',
    text: policies('{ name: "a\\nb", match: {}, idle: off }'),
    says: [
      'p.yaml:4:13: "a\\u{a}b" cannot be a policy\'s name. Use up to 100 visible characters, no space at either end.',
    ],
  },
  {
    title: 'two policies of one name',
    text: policies(
      '{ name: dev, match: { environment: dev }, idle: off }',
      '{ name: dev, match: {}, idle: off }',
    ),
    says: ['p.yaml:5:13: Another policy is named "dev" already. Give each a name of its own.'],
  },
  {
    title: 'a policy after one that takes everything',
    text: policies(
      '{ name: all, match: {}, idle: off }',
      '{ name: dev, match: { environment: dev }, idle: off }',
    ),
    says: [
      'p.yaml:5:25: Policy "dev" can never match: "all" before it takes every resource that it names. Move it up, or remove it.',
    ],
  },
  {
    title: 'a narrower policy after a wider one',
    text: policies(
      '{ name: wide, match: { environment: [dev, test] }, idle: off }',
      '{ name: narrow, match: { environment: dev, team: a }, idle: off }',
    ),
    says: [
      'p.yaml:5:28: Policy "narrow" can never match: "wide" before it takes every resource that it names. Move it up, or remove it.',
    ],
  },
  {
    title: 'a policy whose every part is taken by another',
    text: policies(
      '{ name: dev, match: { environment: dev }, idle: off }',
      '{ name: test, match: { environment: test }, idle: off }',
      '{ name: both, match: { environment: [dev, test] }, idle: off }',
    ),
    says: [
      'p.yaml:6:26: Policy "both" can never match: "dev" and "test" before it take every resource that it names. Move it up, or remove it.',
    ],
  },
  {
    title: 'an unreachable policy by another name of its tag',
    text: `tags: { environment: env }\n${policies(
      '{ name: one, match: { env: dev }, idle: off }',
      '{ name: two, match: { environment: dev }, idle: off }',
    )}`,
    says: [
      'p.yaml:6:25: Policy "two" can never match: "one" before it takes every resource that it names. Move it up, or remove it.',
    ],
  },
  {
    title: 'one tag under two names',
    text: `tags: { environment: env }\n${policies('{ name: one, match: { environment: dev, env: test }, idle: off }')}`,
    says: ['p.yaml:5:45: `environment` and "env" are the same tag, "env". Keep one.'],
  },
  {
    title: 'a match on a project that is not there',
    text: policies('{ name: a, match: { project: [recsys, recsis] }, idle: off }'),
    says: ['p.yaml:4:43: No project is named "recsis". Did you mean "recsys"?'],
  },
  {
    title: 'a match on a project by the tag’s own name',
    text: `tags: { project: team }\n${policies('{ name: a, match: { team: vision }, idle: off }')}`,
    says: ['p.yaml:5:31: No project is named "vision". Add it to `projects`, or remove it here.'],
  },
  {
    title: 'an empty list of values',
    text: policies('{ name: a, match: { environment: [] }, idle: off }'),
    says: ['p.yaml:4:38: An empty list matches nothing, ever. List a value, or remove the key.'],
  },
  {
    title: 'tag values that YAML reads as something else',
    text: policies('{ name: a, match: { cost-center: 1234, critical: [true], x: { y: z } }, idle: off }'),
    says: [
      "p.yaml:4:38: A tag's value is text, not 1234. Put quotes around it.",
      "p.yaml:4:55: A tag's value is text, not true. Put quotes around it.",
      "p.yaml:4:65: A tag's value is text, not a mapping. Write a tag value, or a list such as [dev, staging].",
    ],
  },
  {
    title: 'mappings with the keys of every object where text belongs',
    text: policies(
      '{ name: { constructor: {} }, match: { x: { constructor: { name: {} } } }, idle: { toString: 1 } }',
    ),
    says: [
      'p.yaml:4:13: `name` must be text, not a mapping. Give the policy a name of its own.',
      "p.yaml:4:46: A tag's value is text, not a mapping. Write a tag value, or a list such as [dev, staging].",
      'p.yaml:4:85: `after` is missing. Write a whole number and its unit, such as 30m, 24h or 2d.',
      'p.yaml:4:85: `do` is missing. Use stop or notify.',
      'p.yaml:4:87: Unknown key "toString". Remove it, or use one of these: after, warn, do, below.',
    ],
  },
  {
    title: 'an unknown key in a policy, which then has no second mistake',
    text: policies('{ name: a, match: {}, idel: off }'),
    says: ['p.yaml:4:27: Unknown key "idel". Did you mean "idle"?'],
  },
  {
    title: 'something that no policy can allow',
    text: policies('{ name: a, match: {}, idle: off, allow: [stop-job, everything] }'),
    says: [
      'p.yaml:4:46: "stop-job" is not something that a policy can allow. Did you mean stop-jobs? Use scale-to-zero, terminate-spot or stop-jobs.',
      'p.yaml:4:56: "everything" is not something that a policy can allow. Use scale-to-zero, terminate-spot or stop-jobs.',
    ],
  },
  {
    title: 'what is allowed as a word, as nothing, and twice',
    text: policies(
      '{ name: a, match: { environment: a }, idle: off, allow: stop-jobs }',
      '{ name: b, match: { environment: b }, idle: off, allow: [] }',
      '{ name: c, match: {}, idle: off, allow: [stop-jobs, stop-jobs] }',
    ),
    says: [
      'p.yaml:4:61: "stop-jobs" is not a list. List some of these: scale-to-zero, terminate-spot, stop-jobs.',
      'p.yaml:5:61: `allow` is an empty list. List some of these: scale-to-zero, terminate-spot, stop-jobs.',
      'p.yaml:6:57: "stop-jobs" stands twice in `allow`. Keep one.',
    ],
  },
  {
    title: 'ways to restore that there are not',
    text: policies(
      '{ name: a, match: { environment: a }, idle: off, restore: next-month }',
      '{ name: b, match: {}, idle: off, restore: true }',
    ),
    says: [
      'p.yaml:4:63: "next-month" is not a way to restore. Use by-hand or next-period.',
      'p.yaml:5:47: true is not a way to restore. Use by-hand or next-period.',
    ],
  },
];

const IDLE_MISTAKES: readonly Mistake[] = [
  {
    title: 'idle: on',
    text: policies('{ name: a, match: {}, idle: on }'),
    says: [`p.yaml:4:33: "on" is not an idle rule. ${IDLE}`],
  },
  {
    title: 'idle without a value',
    text: policies('{ name: a, match: {}, idle: }'),
    says: [`p.yaml:4:33: \`idle\` is empty. ${IDLE}`],
  },
  {
    title: 'bad durations',
    text: policies('{ name: a, match: {}, idle: { after: 30, warn: 10 minutes, do: stop } }'),
    says: [
      `p.yaml:4:42: 30 is not a duration. ${DURATION}`,
      `p.yaml:4:52: "10 minutes" is not a duration. ${DURATION}`,
    ],
  },
  {
    title: 'too few samples to prove anything',
    text: policies('{ name: a, match: {}, idle: { after: 10m, do: stop } }'),
    says: [
      'p.yaml:4:42: `after: 10m` is shorter than 15m, and fewer than three of CloudWatch’s 5-minute samples prove nothing. Write a duration from 15m to 14d.',
    ],
  },
  {
    title: 'durations without end',
    text: policies('{ name: a, match: {}, idle: { after: 999d, warn: 25h, do: stop } }'),
    says: [
      'p.yaml:4:42: `after: 999d` is longer than 14d. Write a duration from 15m to 14d.',
      'p.yaml:4:54: `warn: 25h` is longer than 1d. Write a duration from 0s to 1d.',
    ],
  },
  {
    title: 'an unknown action',
    text: policies('{ name: a, match: {}, idle: { after: 30m, do: terminate } }'),
    says: ['p.yaml:4:51: "terminate" is not something to do about an idle resource. Use stop or notify.'],
  },
  {
    title: 'a misspelt action',
    text: policies('{ name: a, match: {}, idle: { after: 30m, do: stopp } }'),
    says: [
      'p.yaml:4:51: "stopp" is not something to do about an idle resource. Did you mean stop? Use stop or notify.',
    ],
  },
  {
    title: 'a rule without its action',
    text: policies('{ name: a, match: {}, idle: { after: 30m } }'),
    says: ['p.yaml:4:33: `do` is missing. Use stop or notify.'],
  },
  {
    title: 'a warning that comes too soon to know',
    text: policies('{ name: a, match: {}, idle: { after: 30m, warn: 21m, do: stop } }'),
    says: [
      'p.yaml:4:53: `warn` comes before the stop, after at least 10 min of idleness. Write at most 20m, or a longer `after`.',
    ],
  },
  {
    title: 'a warning before no stop',
    text: policies('{ name: a, match: {}, idle: { after: 30m, warn: 10m, do: notify } }'),
    says: [
      'p.yaml:4:53: `warn` announces a stop, and `do: notify` stops nothing. Remove `warn`, or write do: stop.',
    ],
  },
  {
    title: 'limits that are out of range',
    text: policies(
      '{ name: a, match: {}, idle: { after: 30m, do: stop, below: { cpu: 0%, gpu: 101%, network: 0 B/s, invocations: .inf } } }',
    ),
    says: [
      'p.yaml:4:71: `cpu: 0%` is out of range. Write a percentage from 0.1% to 100%.',
      'p.yaml:4:80: `gpu: 101%` is out of range. Write a percentage from 0.1% to 100%.',
      'p.yaml:4:95: No traffic is below 0 B/s, so nothing would be idle. Write a rate such as 10 kB/s.',
      'p.yaml:4:115: Infinity is not a whole number in range. Write a whole number from 1 to 1000000.',
    ],
  },
  {
    title: 'limits in other forms',
    text: policies(
      '{ name: a, match: {}, idle: { after: 30m, do: stop, below: { cpu: 0.05, network: 10kB/s, disk: 5% } } }',
    ),
    says: [
      `p.yaml:4:71: 0.05 is not a percentage. ${PERCENT}`,
      'p.yaml:4:86: "10kB/s" is not a rate. Write a number and its unit, such as 10 kB/s.',
      'p.yaml:4:94: Unknown key "disk". Remove it, or use one of these: cpu, gpu, network, invocations, backlog, connections.',
    ],
  },
  {
    title: 'limits of queues and databases that are out of range',
    text: policies(
      '{ name: a, match: {}, idle: { after: 30m, do: stop, below: { backlog: 0, connections: 1.5 } } }',
    ),
    says: [
      'p.yaml:4:75: 0 is not a whole number in range. Write a whole number from 1 to 1000000.',
      'p.yaml:4:91: 1.5 is not a whole number in range. Write a whole number from 1 to 1000000.',
    ],
  },
];

const TEN = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

const BUDGET_MISTAKES: readonly Mistake[] = [
  {
    title: 'an unknown action',
    text: policies('{ name: a, match: {}, budget: [ { at: 100%, do: terminate } ] }'),
    says: ['p.yaml:4:53: "terminate" is not an action of a budget rule. Use notify, stop or freeze.'],
  },
  {
    title: 'enforcing on a forecast',
    text: policies(
      '{ name: a, match: {}, budget: [ { at: 90%, of: forecasted, do: stop }, { at: 100%, of: forecasted, do: freeze } ] }',
    ),
    says: [
      'p.yaml:4:68: A forecast is not spend: `do: stop` needs `of: actual` or `of: estimated`. Write do: notify, or one of these.',
      'p.yaml:4:108: A forecast is not spend: `do: freeze` needs `of: actual` or `of: estimated`. Write do: notify, or one of these.',
    ],
  },
  {
    title: 'an unknown kind of spend',
    text: policies('{ name: a, match: {}, budget: [ { at: 90%, of: forecast, do: notify } ] }'),
    says: [
      'p.yaml:4:52: "forecast" is not a kind of spend. Did you mean forecasted? Use actual, forecasted or estimated.',
    ],
  },
  {
    title: 'thresholds out of order',
    text: policies(
      '{ name: a, match: {}, budget: [ { at: 100%, do: stop }, { at: 80%, of: forecasted, do: notify }, { at: 80%, do: notify } ] }',
    ),
    says: ['p.yaml:4:108: 80% of actual stands after 100%. Put the thresholds in ascending order.'],
  },
  {
    title: 'one threshold twice',
    text: policies('{ name: a, match: {}, budget: [ { at: 80%, do: notify }, { at: 80.0%, do: stop } ] }'),
    says: [
      'p.yaml:4:68: 80% of actual has a rule already. Keep the stronger of the two: it notifies as well.',
    ],
  },
  {
    title: 'shares in other forms',
    text: policies(
      '{ name: a, match: {}, budget: [ { at: 80, do: notify }, { at: 1.2, do: notify }, { at: 0%, do: notify }, { at: 1001%, do: notify } ] }',
    ),
    says: [
      'p.yaml:4:43: 80 is not a percentage. Write 80%.',
      'p.yaml:4:67: 1.2 is not a percentage. Write 1.2%.',
      'p.yaml:4:92: `at: 0%` is out of range. Write a percentage from 0.01% to 1000%.',
      'p.yaml:4:116: `at: 1001%` is out of range. Write a percentage from 0.01% to 1000%.',
    ],
  },
  {
    title: 'a rule where a list of them belongs',
    text: policies('{ name: a, match: {}, budget: { at: 80%, do: notify } }'),
    says: [
      'p.yaml:4:35: `budget` must be a list of budget rules, not a mapping. Write a list such as [ { at: 100%, do: notify } ].',
    ],
  },
  {
    title: 'more thresholds than an AWS Budget has alerts',
    text: policies(
      `{ name: a, match: { environment: dev }, budget: [ ${TEN.map((at) => `{ at: ${at}%, do: notify }`).join(', ')} ] }`,
      '{ name: b, match: {}, budget: [ { at: 55%, of: forecasted, do: notify } ] }',
    ),
    says: [
      'p.yaml:2:13: Project "recsys" needs 11 budget alerts (10% actual, 20% actual, 30% actual, 40% actual, 50% actual, 60% actual, 70% actual, 80% actual, 90% actual, 100% actual, 55% forecasted), and AWS allows 10 a budget. Use the same thresholds in more of its policies.',
    ],
  },
  {
    title: 'a grace in another form, and one that is too long',
    text: policies(
      '{ name: a, match: {}, budget: [ { at: 100%, do: stop, grace: 30 min }, { at: 120%, do: freeze, grace: 8d } ] }',
    ),
    says: [
      `p.yaml:4:66: "30 min" is not a duration. ${DURATION}`,
      'p.yaml:4:107: `grace: 8d` is longer than 7d. Write a duration from 0s to 7d.',
    ],
  },
  {
    title: 'a grace before no stop',
    text: policies('{ name: a, match: {}, budget: [ { at: 100%, do: notify, grace: 30m } ] }'),
    says: [
      'p.yaml:4:68: `grace` announces a stop, and `do: notify` stops nothing. Remove `grace`, or write do: stop.',
    ],
  },
  {
    title: 'a day of what AWS Budgets knows by months alone',
    text: policies('{ name: a, match: {}, budget: [ { at: 100%, per: day, do: stop } ] }'),
    says: [
      'p.yaml:4:54: AWS Budgets knows months alone: `per: day` needs `of: estimated`. Write of: estimated, or per: month.',
    ],
  },
  {
    title: 'the same threshold twice in one period',
    text: [
      'version: 1',
      'projects: { recsys: { budget: { monthly: 100 USD, daily: 10 USD } } }',
      'policies:',
      '  - { name: a, match: {}, budget: [ { at: 100%, of: estimated, do: stop }, { at: 100%, of: estimated, per: day, do: stop }, { at: 90%, of: estimated, per: day, do: notify } ] }',
    ].join('\n'),
    says: [
      'p.yaml:4:131: 90% of estimated per day stands after 100%. Put the thresholds in ascending order.',
    ],
  },
  {
    title: 'a share of limits that no project has',
    text: policies(
      '{ name: a, match: {}, budget: [ { at: 100%, of: estimated, per: day, do: stop }, { at: 100%, of: estimated, per: total, do: stop } ] }',
    ),
    says: [
      'p.yaml:4:69: No project that this policy concerns has a `daily` limit. Add one, such as budget: { monthly: 4000 USD, daily: 300 USD }, or remove the rule.',
      'p.yaml:4:118: No project that this policy concerns has a `total` limit. Add one, such as budget: { total: 50000 USD, since: 2026-01-01 }, or remove the rule.',
    ],
  },
];

const REST_MISTAKES: readonly Mistake[] = [
  {
    title: 'two tags with one key',
    text: also('tags: { project: team, owner: team }'),
    says: ['p.yaml:4:31: `project` and `owner` are both the tag "team". Give each a tag key of its own.'],
  },
  {
    title: 'tag keys that AWS or IAM cannot take',
    text: also('tags: { project: "*", owner: "aws:owner" }'),
    says: [
      `p.yaml:4:18: "*" is not a tag key. ${TAG_KEY}`,
      `p.yaml:4:30: "aws:owner" is not a tag key. ${TAG_KEY}`,
    ],
  },
  {
    title: 'freezing what is no one’s',
    text: also('untagged: { after: 24h, do: freeze }'),
    says: ['p.yaml:4:29: "freeze" is not something to do about untagged resources. Use notify or stop.'],
  },
  {
    title: 'a warning of no stop, and one that is longer than the time before the stop',
    text: also('untagged: { after: 24h, warn: 1h }'),
    says: [
      'p.yaml:4:31: `warn` announces a stop, and `do: notify` stops nothing. Remove `warn`, or write do: stop.',
    ],
  },
  {
    title: 'a warning of what is no one’s that is too long',
    text: also('untagged: { after: 1h, do: stop, warn: 2h }'),
    says: [
      'p.yaml:4:40: `warn` lies within `after`, and is longer. Write a shorter `warn`, or a longer `after`.',
    ],
  },
  {
    title: 'required tags in other forms',
    text: also('requiredTags: { owner: true, environment: [] }'),
    says: [
      'p.yaml:4:24: true is not any, or a list of values. Write any, or a list such as [dev, prod].',
      'p.yaml:4:43: An empty list allows nothing. List a value, or write any.',
    ],
  },
  {
    title: 'alerts in other forms',
    text: also('alerts: { burnRate: 1x, weekly: monday }'),
    says: [
      'p.yaml:4:21: Below 2x an ordinary day would be told. Write 2x or more, or off.',
      'p.yaml:4:33: "monday" is not on or off. Write on or off.',
    ],
  },
  {
    title: 'limits out of range',
    text: also('limits: { maxStopsPerSweep: 0, maxFleetShare: 130% }'),
    says: [
      'p.yaml:4:29: 0 is not a whole number in range. Write a whole number from 1 to 1000.',
      'p.yaml:4:47: `maxFleetShare: 130%` is out of range. Write a percentage from 1% to 100%.',
    ],
  },
  {
    title: 'half a stop',
    text: also('limits: { maxStopsPerSweep: 2.5 }'),
    says: ['p.yaml:4:29: 2.5 is not a whole number in range. Write a whole number from 1 to 1000.'],
  },
  {
    title: 'places that are no region',
    text: also('scope: { regions: [us-east-1a, virginia] }'),
    says: [
      'p.yaml:4:20: "us-east-1a" is not an AWS region. That is a zone: write us-east-1.',
      'p.yaml:4:32: "virginia" is not an AWS region. Write its code, such as us-east-1.',
    ],
  },
  {
    title: 'a region twice',
    text: also('scope: { regions: [eu-west-1, us-east-1, eu-west-1] }'),
    says: ['p.yaml:4:42: "eu-west-1" stands twice in `regions`. Keep one.'],
  },
  {
    title: 'no region',
    text: also('scope: { regions: [] }'),
    says: ['p.yaml:4:19: `regions` is an empty list. List AWS regions, such as [us-east-1, eu-west-1].'],
  },
  {
    title: 'other accounts',
    text: also('scope: { accounts: [123456789012, everyone] }'),
    says: [
      'p.yaml:4:21: Account 123456789012 cannot be watched: only `self` is supported so far. Write accounts: [self].',
      'p.yaml:4:35: "everyone" is not an account. Only `self` is supported so far: write accounts: [self].',
    ],
  },
  {
    title: 'mistakes in several parts: all are told',
    text: `version: 1\nprojects: { a: { budget: 5 } }\npolicies:\n  - { name: all, match: {}, idle: off }\n  - { name: b, match: { project: c }, idle: off }\nlimits: { maxFleetShare: 30 }\n`,
    says: [
      'p.yaml:2:26: 5 is not an amount. Write 5 USD.',
      'p.yaml:5:23: Policy "b" can never match: "all" before it takes every resource that it names. Move it up, or remove it.',
      'p.yaml:5:34: No project is named "c". Add it to `projects`, or remove it here.',
      'p.yaml:6:26: 30 is not a percentage. Write 30%.',
    ],
  },
  {
    title: 'a mistake behind an alias: told once, where it is',
    text: policies(
      '{ name: a, match: { environment: dev }, idle: &rule { after: 5m, do: stop } }',
      '{ name: b, match: {}, idle: *rule }',
    ),
    says: [
      'p.yaml:4:66: `after: 5m` is shorter than 15m, and fewer than three of CloudWatch’s 5-minute samples prove nothing. Write a duration from 15m to 14d.',
    ],
  },
  {
    title: 'operators by their names',
    text: also('operators: [platform-team]'),
    says: [`p.yaml:4:13: "platform-team" is not a Slack id. ${SLACK_ID}`],
  },
  {
    title: 'no operator',
    text: also('operators: []'),
    says: ['p.yaml:4:12: `operators` is an empty list. List Slack ids, such as [U012AB3CD].'],
  },
  {
    title: 'a time zone that there is not',
    text: also('timezone: Europe/Berln'),
    says: ['p.yaml:4:11: "Europe/Berln" is not a time zone. Write its IANA name, such as Europe/Berlin.'],
  },
  {
    title: 'an offset, which knows no summer time',
    text: also('timezone: "+01:00"'),
    says: ['p.yaml:4:11: "+01:00" is not a time zone. Write its IANA name, such as Europe/Berlin.'],
  },
  {
    title: 'a time zone that YAML reads as a number',
    text: also('timezone: 1'),
    says: ['p.yaml:4:11: 1 is not a time zone. Write its IANA name, such as Europe/Berlin.'],
  },
  {
    title: 'an approval that there is not',
    text: also('approval: on'),
    says: ['p.yaml:4:11: "on" is not required or off. Write required or off.'],
  },
  {
    title: 'an approval of nothing',
    text: also('approval: [required]'),
    says: ['p.yaml:4:11: `approval` must be required or off, not a list. Write required or off.'],
  },
];

/** A file that is right but for its rules and usage, which begin on line 6. */
const allocation = (shared: readonly string[], usage: readonly string[] = []): string =>
  [
    'version: 1',
    'projects: { recsys: {}, fraud-detection: {} }',
    'policies: [ { name: all, match: {}, idle: off } ]',
    'allocation:',
    '  shared:',
    ...shared.map((rule) => `    - ${rule}`),
    ...(usage.length === 0 ? [] : ['  usage:', ...usage.map((line) => `    ${line}`)]),
    '',
  ].join('\n');

/** Of one rule: what it splits by, and in what way. */
const split = (text: string): string => `{ name: gpu, match: { tags: { shared: gpu } }, split: ${text} }`;

const GPU = 'gpu: { file: gpu.csv }';
const SPLIT = 'Write even, direct, { weights: { a: 2, b: 1 } } or { usage: its-name }.';
const ABOVE_0 = 'Write a number above 0, such as 2 or 0.5.';
const CHARGES = 'Use usage, tax, fee, commitment, discount, credit, refund or other.';

const TEAM_MISTAKES: readonly Mistake[] = [
  {
    title: 'a team that there is not',
    text: `version: 1\nteams: { alpha: {} }\nprojects: { a: { team: alpah }, b: { team: ops }, c: { team: alpha } }\n${POLICIES}`,
    says: [
      'p.yaml:3:24: No team is named "alpah". Did you mean "alpha"?',
      'p.yaml:3:44: No team is named "ops". Add it to `teams`, or remove it here.',
    ],
  },
  {
    title: 'a team where there are none',
    text: projects('recsys: { team: alpha }'),
    says: ['p.yaml:3:19: No team is named "alpha". Add it to `teams`, or remove it here.'],
  },
  {
    title: 'teams and models in other forms',
    text: `version: 1\nteams: { alpha: { budgt: 1 USD }, beta: 3 }\nprojects: { a: { models: { scorer: {}, ranker: 5 } } }\n${POLICIES}`,
    says: [
      'p.yaml:2:19: Unknown key "budgt". Did you mean "budget"?',
      'p.yaml:2:41: A team must be a mapping, not 3. Give it some of these keys: owner, budget, slack, owners.',
      'p.yaml:3:36: `budget` is missing. Write an amount in US dollars, such as 4000 USD.',
      'p.yaml:3:48: A model must be a mapping, not 5. Give it some of these keys: budget.',
    ],
  },
  {
    title: 'more thresholds of all its projects than the AWS Budget of a team has alerts',
    text: [
      'version: 1',
      'teams: { alpha: { budget: 9 USD }, beta: { budget: { daily: 9 USD } } }',
      'projects: { a: { team: alpha }, b: { team: alpha }, c: { team: beta } }',
      'policies:',
      `  - { name: a, match: { project: a }, budget: [ ${TEN.map((at) => `{ at: ${at}%, do: notify }`).join(', ')} ] }`,
      '  - { name: b, match: { project: b }, budget: [ { at: 55%, do: notify } ] }',
      '',
    ].join('\n'),
    says: [
      'p.yaml:2:10: Team "alpha" needs 11 budget alerts (10% actual, 20% actual, 30% actual, 40% actual, 50% actual, 55% actual, 60% actual, 70% actual, 80% actual, 90% actual, 100% actual), and AWS allows 10 a budget. Use the same thresholds in more of its projects’ policies.',
    ],
  },
];

const ALLOCATION_MISTAKES: readonly Mistake[] = [
  {
    title: 'keys and values within a way to split',
    text: allocation([split('{ usage: gpu, capacityPerHour: -1, idle: lin }')], [GPU]),
    says: [
      `p.yaml:6:92: -1 is not a number above 0. ${ABOVE_0}`,
      'p.yaml:6:102: "lin" is not a place for what is idle. Did you mean line? Write line, spread or { to: a-project }.',
    ],
  },
  {
    title: 'a misspelt key within a way to split',
    text: allocation(
      [split('{ usage: gpu, capacity: 3, per: week, whenUnused: line, idle: { too: recsys } }')],
      [GPU],
    ),
    says: [
      'p.yaml:6:75: Unknown key "capacity". Remove it, or use one of these: usage, per, capacityPerHour, idle, whenUnused.',
      'p.yaml:6:93: "week" is not a time to reckon shares over. Use day or period.',
      'p.yaml:6:111: "line" is not something to do where nobody used it. Use idle, even or direct.',
      'p.yaml:6:125: Unknown key "too". Did you mean "to"?',
    ],
  },
  {
    title: 'a misspelt way to split',
    text: allocation([split('evn'), split('{ weight: { recsys: 1 } }').replace('gpu', 'b')]),
    says: [
      `p.yaml:6:61: "evn" is not a way to split. Did you mean even? ${SPLIT}`,
      'p.yaml:7:61: Unknown key "weight". Did you mean "weights"?',
    ],
  },
  {
    title: 'no way to split, and two',
    text: allocation(
      [
        split('{}'),
        split('{ usage: gpu, weights: { recsys: 1 } }').replace('gpu', 'b'),
        '{ name: c, match: { service: a } }',
        '{ name: d, match: { service: b }, to: recsys, split: even }',
        '{ name: e, match: { service: c }, to: recsys, among: [recsys] }',
        '{ name: f, match: { service: d }, split: { weights: { recsys: 1 } }, among: [recsys] }',
      ],
      [GPU],
    ),
    says: [
      `p.yaml:6:61: \`split\` has neither \`weights\` nor \`usage\`. ${SPLIT}`,
      'p.yaml:7:59: `weights` and `usage` stand for different things. Keep one of them.',
      `p.yaml:8:7: This rule says not where the costs go. Give it \`to: a-project\` or a \`split\`. ${SPLIT}`,
      'p.yaml:9:45: `to` gives all to one project, and `split` splits it. Keep one of them.',
      'p.yaml:10:60: `among` belongs to `split`. Remove it, or write split: even in place of `to`.',
      'p.yaml:11:83: `weights` names the projects already. Remove `among`.',
    ],
  },
  {
    title: 'weights in other forms',
    text: allocation([
      split('{ weights: { recsys: 0, fraud-detection: two } }'),
      split('{ weights: {} }').replace('gpu', 'b'),
    ]),
    says: [
      `p.yaml:6:82: 0 is not a number above 0. ${ABOVE_0}`,
      `p.yaml:6:102: "two" is not a number above 0. ${ABOVE_0}`,
      'p.yaml:7:70: `weights` is empty. Write { a: 2, b: 1 }.',
    ],
  },
  {
    title: 'matches in other forms',
    text: allocation([
      '{ name: a, match: { charge: taxs }, split: even }',
      '{ name: b, match: { charge: [tax, fees] }, split: even }',
      '{ name: c, match: { service: [ok, 3], account: 123456789012 }, split: even }',
      '{ name: d, match: { tags: {}, region: {} }, split: even }',
      '{ name: e, match: {}, split: even }',
      '{ name: f, match: { servce: x }, split: even }',
      '{ name: g, match: { charge: credit }, split: even }',
      '{ name: h, match: { charge: [usage, refund] }, split: even }',
    ]),
    says: [
      `p.yaml:6:35: "taxs" is not a kind of charge, or a list of them. Did you mean tax? ${CHARGES}`,
      `p.yaml:7:41: "fees" is not a kind of charge. Did you mean fee? ${CHARGES}`,
      'p.yaml:8:41: 3 is not text. Put quotes around it.',
      'p.yaml:8:54: 123456789012 is not text, or a list of texts. Put quotes around it.',
      'p.yaml:9:33: `tags` is empty. Write { shared: gpu-pool }, or remove it.',
      'p.yaml:9:45: `region` must be text, or a list of texts, not a mapping. Write its code, such as us-east-1.',
      'p.yaml:10:25: `match` is empty, and would take everything. Write which costs are meant, such as { service: "AWS Support*" }.',
      'p.yaml:11:27: Unknown key "servce". Did you mean "service"?',
      'p.yaml:12:35: `charge` names credits or refunds, which are no spend: no rule can mean them. Leave them out.',
      'p.yaml:13:35: `charge` names credits or refunds, which are no spend: no rule can mean them. Leave them out.',
    ],
  },
  {
    title: 'usages in other forms',
    text: allocation(
      [split('{ usage: gpu }')],
      [
        'gpu: { file: gpu.csv, sampled: sometimes, tenant: 3 }',
        'tokens: { metric: { namespace: a, nam: b, tenant: c } }',
        'bytes: {}',
        'calls: { file: a.csv, metric: { namespace: a, name: b, tenant: c } }',
        'seconds: usage.csv',
      ],
    ),
    says: [
      'p.yaml:8:36: "sometimes" is not true or false. Write true or false.',
      'p.yaml:8:55: 3 is not text. Put quotes around it.',
      'p.yaml:9:39: Unknown key "nam". Did you mean "name"?',
      'p.yaml:10:12: `usage` has neither `file` nor `metric`. Write { file: usage.csv } or { metric: { namespace: …, name: …, tenant: … } }.',
      'p.yaml:11:12: `file` and `metric` stand for different things. Keep one of them.',
      'p.yaml:12:14: "usage.csv" is not a source of usage. Write { file: usage.csv } or { metric: { namespace: …, name: …, tenant: … } }.',
    ],
  },
  {
    title: 'projects that there are not',
    text: allocation(
      [
        '{ name: a, match: { service: a }, to: recsis }',
        '{ name: b, match: { service: b }, split: even, among: [recsys, search] }',
        '{ name: c, match: { service: c }, split: { weights: { recsys: 1, fraud-detecton: 2 } } }',
        '{ name: d, match: { service: d }, split: { usage: gpu, idle: { to: platform } } }',
      ],
      ['gpu: { file: gpu.csv, tenants: { a: recsy, b: idle, c: recsys } }'],
    ),
    says: [
      'p.yaml:6:45: No project is named "recsis". Did you mean "recsys"?',
      'p.yaml:7:70: No project is named "search". Add it to `projects`, or remove it here.',
      'p.yaml:8:72: No project is named "fraud-detecton". Did you mean "fraud-detection"?',
      'p.yaml:9:74: No project is named "platform". Add it to `projects`, or remove it here.',
      'p.yaml:11:41: No project is named "recsy". Did you mean "recsys"?',
    ],
  },
  {
    title: 'a usage that there is not',
    text: allocation(
      [split('{ usage: gpus }'), split('{ usage: tokens }').replace('gpu', 'b').replace('gpu', 'b')],
      ['gpu1: { file: gpu.csv }'],
    ),
    says: [
      'p.yaml:6:70: No usage is named "gpus". Did you mean "gpu1"?',
      'p.yaml:7:66: No usage is named "tokens". Add it to `usage`, such as { file: usage.csv }.',
    ],
  },
  {
    title: 'a usage that no rule splits by',
    text: allocation([split('even')], [GPU]),
    says: ['p.yaml:8:5: No rule of `shared` splits by the usage "gpu". Add one, or remove it.'],
  },
  {
    title: 'a capacity of samples',
    text: allocation(
      [split('{ usage: gpu, capacityPerHour: 8 }')],
      ['gpu: { file: gpu.csv, sampled: true }'],
    ),
    says: [
      'p.yaml:6:75: The usage "gpu" is sampled, and of samples a capacity says nothing. Remove it, and let the samples name what is idle as the tenant idle.',
    ],
  },
  {
    title: 'two rules of one name',
    text: allocation([
      '{ name: a, match: { service: a }, split: even }',
      '{ name: a, match: { service: b }, split: even }',
    ]),
    says: ['p.yaml:7:15: Another rule is named "a" already. Give each a name of its own.'],
  },
  {
    title: 'rules that can never match',
    text: allocation([
      '{ name: a, match: { service: ["AWS *", Amazon S3] }, split: even }',
      '{ name: b, match: { service: "AWS Support*", charge: fee }, split: even }',
      '{ name: c, match: { service: "AWS Support*", tags: { shared: gpu } }, split: even }',
      '{ name: d, match: { charge: fee }, split: even }',
      '{ name: e, match: { service: [Amazon S3, Amazon EC2] }, split: even }',
      '{ name: f, match: { tags: { shared: "g*u" } }, split: even }',
      '{ name: g, match: { project: recsys, tags: { shared: [gpu, g*-*u] } }, split: even }',
      '{ name: h, match: { tags: { shared: [gpu, gp] } }, split: even }',
    ]),
    says: [
      'p.yaml:7:25: Rule "b" can never match: "a" before it takes all that it names. Move it up, or remove it.',
      'p.yaml:12:25: Rule "g" can never match: "f" before it takes all that it names. Move it up, or remove it.',
    ],
  },
  {
    title: 'a bill in another place',
    text: also('allocation: { bill: { location: my-bucket, format: parquet, athena: { table: cur } } }'),
    says: [
      'p.yaml:4:33: "my-bucket" is not a place in S3. Write s3://bucket/prefix/name-of-the-export.',
      'p.yaml:4:52: "parquet" is not a format of the bill. Use cur2 or focus.',
      'p.yaml:4:69: `database` is missing. Name the database of the table.',
    ],
  },
];

export const MISTAKES: readonly (readonly [area: string, mistakes: readonly Mistake[]])[] = [
  ['the file as a whole', WHOLE_FILE],
  ['projects', PROJECT_MISTAKES],
  ['policies', POLICY_MISTAKES],
  ['idle rules', IDLE_MISTAKES],
  ['budget rules', BUDGET_MISTAKES],
  ['the rest', REST_MISTAKES],
  ['teams and models', TEAM_MISTAKES],
  ['allocation', ALLOCATION_MISTAKES],
];
