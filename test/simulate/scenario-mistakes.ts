/** One mistake (or more) in a scenario, and everything that is said about it. */
export interface ScenarioMistake {
  readonly title: string;
  readonly text: string;
  readonly says: readonly string[];
}

const POLICY =
  'policy: { version: 1, projects: { nlp: { budget: 5000 USD }, recsys: {} }, policies: [ { name: all, match: {}, idle: off } ] }';
const HEAD = `version: 1\nname: A test\n${POLICY}\nfrom: 2026-11-27T17:00Z\nfor: 64h\nprices: { g5.xlarge: 1.006 USD, ml.g5.xlarge: 1.408 USD, m5.large: 0.096 USD }\n`;

/** A scenario that is right but for its resources, which begin on line 8. */
const resources = (...items: readonly string[]): string =>
  `${HEAD}resources:\n${items.map((item) => `  - ${item}\n`).join('')}`;
const CHAT = '{ id: chat, kind: ec2-instance, type: g5.xlarge, use: idle }';
/** One that is right but for one thing about its only resource. */
const chat = (more: string): string =>
  resources(`{ id: chat, kind: ec2-instance, type: g5.xlarge, ${more} }`);
/** One that is right but for its steps, which begin on line 10. */
const steps = (...items: readonly string[]): string =>
  `${resources(CHAT)}steps:\n${items.map((item) => `  - ${item}\n`).join('')}`;
/** One that is right but for what it expects, on line 9. */
const expects = (item: string): string => `${resources(CHAT)}expect: ${item}\n`;

const AT = 'Write a time such as 2026-11-27T17:00Z, or how long after the scenario begins, such as +2h30m.';
const USE_TIME =
  'Write a time such as 2026-11-27T17:00Z, an offset such as +8h, or with `every` a time of day such as "09:00".';
const TYPE = 'Write it such as m5.xlarge, ml.g5.xlarge or db.m5.large.';

const WHOLE: readonly ScenarioMistake[] = [
  {
    title: 'an empty file',
    text: '',
    says: [
      's.yaml:1:1: The file is empty. Start it with version: 1, then add `name`, `policy`, `from` and `for`.',
    ],
  },
  {
    title: 'a list at the root',
    text: '- version: 1\n',
    says: [
      's.yaml:1:1: The scenario must be a mapping, not a list. It starts with `version: 1` and has `name`, `policy`, `from`, `for` and `resources`.',
    ],
  },
  {
    title: 'no end',
    text: HEAD.replace('for: 64h\n', ''),
    says: ['s.yaml:1:1: It is not said when the scenario ends. Add how long it lasts, such as for: 64h.'],
  },
  {
    title: 'a misspelt key',
    text: `${resources(CHAT)}step: []\n`,
    says: ['s.yaml:9:1: Unknown key "step". Did you mean "steps"?'],
  },
  {
    title: 'no time, and prices as AWS shows them',
    text: `version: 1\nname: A test\n${POLICY}\nfrom: tomorrow\nfor: 64\nprices: { g5.xlarge: $1.006 }\n`,
    says: [
      's.yaml:4:7: "tomorrow" is not a time. Write it with its zone, such as 2026-11-27T17:00Z.',
      's.yaml:5:6: 64 is not a duration. Write whole numbers and units, such as 30m, 64h or 2h30m.',
      's.yaml:6:22: "$1.006" is not an amount. Write 1.006 USD.',
    ],
  },
  {
    title: 'a day that there is not',
    text: `version: 1\nname: A test\n${POLICY}\nfrom: 2026-11-31T17:00Z\nfor: 64h\n`,
    says: [
      's.yaml:4:7: `from: 2026-11-31T17:00Z` is no time of the calendar. Write it with its zone, such as 2026-11-27T17:00Z.',
    ],
  },
  {
    title: 'an end before the beginning',
    text: `version: 1\nname: A test\n${POLICY}\nfrom: 2026-11-27T17:00Z\nto: 2026-11-20T17:00Z\n`,
    says: [
      's.yaml:5:5: The scenario ends at 2026-11-20 17:00 UTC, and begins at 2026-11-27 17:00 UTC. Write an end after its beginning.',
    ],
  },
  {
    title: 'two ends',
    text: `${HEAD}to: +2d\n`,
    says: ['s.yaml:5:1: `to` and `for` both say when it ends. Keep one of them.'],
  },
  {
    title: 'a mistake in the policy itself, with its place',
    text: `version: 1\nname: A test\nfrom: 2026-11-27\nfor: 1h\npolicy:\n  version: 1\n  projects: { nlp: { budget: 5000 } }\n  policies: [ { name: all, match: { project: npl }, idle: off } ]\n`,
    says: [
      's.yaml:7:30: 5000 is not an amount. Write 5000 USD.',
      's.yaml:8:46: No project is named "npl". Did you mean "nlp"?',
    ],
  },
  {
    title: 'a policy file that is not there',
    text: `${HEAD.replace(POLICY, 'policy: gone.yaml')}`,
    says: [
      's.yaml:3:9: There is no file "gone.yaml". Write the path of the policy as seen from this scenario.',
    ],
  },
];

const RESOURCES: readonly ScenarioMistake[] = [
  {
    title: 'a region that the policy does not watch',
    text: chat('region: eu-west-1, use: idle'),
    says: [
      's.yaml:8:62: The policy does not watch eu-west-1, so nothing would be seen of it. Add it to its scope.regions: [us-east-1, eu-west-1].',
    ],
  },
  {
    title: 'work that ends before the scenario begins',
    text: resources('{ id: job, kind: sagemaker-training-job, type: ml.g5.xlarge, since: -3h, ends: -1h }'),
    says: [
      's.yaml:8:84: Its work ends at 2026-11-27 16:00 UTC, and the scenario begins at 2026-11-27 17:00 UTC. Remove it, or write a later end.',
    ],
  },
  {
    title: 'what a resource must have',
    text: resources('{ id: chat }'),
    says: [
      's.yaml:8:5: `kind` is missing. Use ec2-instance, auto-scaling-group, rds-instance, sagemaker-endpoint, sagemaker-notebook or sagemaker-training-job.',
      `s.yaml:8:5: \`type\` is missing. ${TYPE}`,
    ],
  },
  {
    title: 'a kind that is nearly one',
    text: resources('{ id: chat, kind: sagemaker-endpont, type: ml.g5.xlarge, use: idle }'),
    says: [
      's.yaml:8:23: "sagemaker-endpont" is not a kind of resource. Did you mean sagemaker-endpoint? Use ec2-instance, auto-scaling-group, rds-instance, sagemaker-endpoint, sagemaker-notebook or sagemaker-training-job.',
    ],
  },
  {
    title: 'a type of another kind',
    text: resources('{ id: chat, kind: sagemaker-endpoint, type: g5.xlarge, use: idle }'),
    says: ['s.yaml:8:49: A sagemaker-endpoint is not of the type g5.xlarge. Write ml.g5.xlarge.'],
  },
  {
    title: 'a type without a price',
    text: resources('{ id: chat, kind: ec2-instance, type: g5.xlrge, use: idle }', CHAT.replace('chat', 'b')),
    says: ['s.yaml:8:43: g5.xlrge has no price. Did you mean g5.xlarge? Else add it to `prices`.'],
  },
  {
    title: 'two of the same id, one of them of many',
    text: resources(CHAT.replace('chat', 'a-2'), CHAT.replace('chat', 'a').replace('use', 'count: 3, use')),
    says: ['s.yaml:9:11: Another resource is named "a-2" already. Give each an id of its own.'],
  },
  {
    title: 'no use, and a count of nothing',
    text: chat('count: 0'),
    says: [
      's.yaml:8:5: `use` is missing. Write idle, busy, or when it is what: [ { to: +8h, use: busy } ], then idle.',
      's.yaml:8:61: 0 is not a whole number in range. Write a whole number from 1 to 20000.',
    ],
  },
  {
    title: 'no use',
    text: chat('count: 2'),
    says: [
      's.yaml:8:5: `use` is missing. Write idle, busy, or when it is what: [ { to: +8h, use: busy } ], then idle.',
    ],
  },
  {
    title: 'a use that is nearly one',
    text: chat('use: bsy'),
    says: [
      's.yaml:8:59: "bsy" is not something that a resource does. Did you mean busy? Use idle, busy or no metrics.',
    ],
  },
  {
    title: 'figures that nothing measures',
    text: resources(
      '{ id: chat, kind: ec2-instance, type: m5.large, use: { cpu: 2, gpu: 95, connections: 3 } }',
    ),
    says: [
      's.yaml:8:73: m5.large has no GPU. It is known by cpu, network.',
      's.yaml:8:90: An ec2-instance has no `connections`. It is known by cpu, network.',
    ],
  },
  {
    title: 'figures out of range, or in another form',
    text: chat('use: { cpu: 200, network: 10 }'),
    says: [
      's.yaml:8:66: 200 is not a percentage. Write a number from 0 to 100, or none where that metric is not published.',
      's.yaml:8:80: 10 is not a rate. Write a number and its unit, such as 10 kB/s, or none where that metric is not published.',
    ],
  },
  {
    title: 'an unknown figure',
    text: chat('use: { cpuu: 2 }'),
    says: ['s.yaml:8:61: Unknown key "cpuu". Did you mean "cpu"?'],
  },
  {
    title: 'an overlap',
    text: chat('use: [ { to: +8h, use: busy }, { from: +7h, to: +9h, use: busy } ]'),
    says: [
      's.yaml:8:93: It begins at 2026-11-28 00:00 UTC, before the one above it ends (2026-11-28 01:00 UTC). Put them in order, without overlap.',
    ],
  },
  {
    title: 'a span that ends before it begins, and one after the end',
    text: chat('use: [ { from: +8h, to: +7h, use: busy }, { from: +65h, use: busy } ]'),
    says: [
      's.yaml:8:78: It begins at 2026-11-28 01:00 UTC, and it ends at 2026-11-28 00:00 UTC. Write an end after its beginning.',
      's.yaml:8:104: It begins at 2026-11-30 10:00 UTC, and the scenario ends at 2026-11-30 09:00 UTC. Remove it, or let the scenario last longer.',
    ],
  },
  {
    title: 'what can never come',
    text: chat('use: [ busy, idle ]'),
    says: [
      's.yaml:8:67: It never comes: the use before it has no end. Give that one a `to`, or this a `from`.',
    ],
  },
  {
    title: 'a time of day without days, and days with a time',
    text: chat('use: [ { from: "09:00", use: busy }, { every: weekdays, from: +9h } ]'),
    says: [
      's.yaml:8:69: A time of day repeats: say on which days. Add `every`, such as every: weekdays, or write a time such as 2026-11-27T18:00Z.',
      's.yaml:8:116: With `every`, `from` is a time of day. Write it such as "09:00", or put this use under one with from and to.',
    ],
  },
  {
    title: 'times in other forms',
    text: chat('use: { every: weekdays, from: 9am, to: 18:00, timezone: Berlin }'),
    says: [
      `s.yaml:8:84: "9am" is not a time. ${USE_TIME}`,
      's.yaml:8:110: "Berlin" is not a time zone. Write its IANA name, such as Europe/Berlin.',
    ],
  },
  {
    title: 'a day that is nearly one',
    text: chat('use: { every: weekday }'),
    says: [
      's.yaml:8:68: "weekday" is not something that repeats. Did you mean weekdays? Use day, weekdays, weekends, monday, tuesday, wednesday, thursday, friday, saturday or sunday.',
    ],
  },
  {
    title: 'figures beside times',
    text: chat('use: { to: +8h, cpu: 2 }'),
    says: ['s.yaml:8:75: `cpu` stands beside `to`. Put the figures under `use`: { to: …, use: { cpu: … } }.'],
  },
  {
    title: 'how long, but not how often, and the reverse',
    text: resources(
      CHAT.replace('idle', '{ for: 20m }'),
      CHAT.replace('chat', 'b').replace('idle', '{ every: 6h }'),
      CHAT.replace('chat', 'c').replace('idle', '{ every: 6h, for: 6h }'),
    ),
    says: [
      's.yaml:8:66: `for` goes with `every` and a duration. Write `to`, or { every: 6h, for: 20m, use: busy }.',
      's.yaml:9:65: `every` needs to know for how long. Add `for`, such as for: 20m.',
      's.yaml:10:74: `for` is as long as `every`. Write a shorter one.',
    ],
  },
  {
    title: 'service that begins after the end',
    text: chat('since: +65h, use: idle'),
    says: [
      's.yaml:8:61: It is in service since 2026-11-30 10:00 UTC, and the scenario ends at 2026-11-30 09:00 UTC. Write an earlier `since`.',
    ],
  },
  {
    title: 'what other kinds have',
    text: resources(
      CHAT.replace('use', 'instances: 2, ends: +2h, use'),
      '{ id: b, kind: sagemaker-endpoint, type: ml.g5.xlarge, use: idle, spot: one-time, vanishes: on }',
    ),
    says: [
      's.yaml:8:65: An ec2-instance is one instance. Write `count` for several of them.',
      's.yaml:8:74: An ec2-instance does not end by itself. Remove `ends`, or give it a step { terminate: … }.',
      's.yaml:9:77: A sagemaker-endpoint is no Spot instance. Remove `spot`.',
      's.yaml:9:97: A sagemaker-endpoint cannot vanish here. Remove `vanishes`.',
    ],
  },
];

const STEPS: readonly ScenarioMistake[] = [
  {
    title: 'a step at the very end, and one for what is not there yet',
    text: `${resources(CHAT.replace('use', 'since: +2h, use'))}steps: [ { at: +64h, stop: chat }, { at: +1h, tag: { resource: chat, tags: { team: a } } } ]\n`,
    says: [
      's.yaml:9:16: This step is at 2026-11-30 09:00 UTC, and the scenario lasts from 2026-11-27 17:00 UTC to 2026-11-30 09:00 UTC. Write a time before its end.',
      's.yaml:9:64: "chat" is in service since 2026-11-27 19:00 UTC, and this step is at 2026-11-27 18:00 UTC. Write a later time.',
    ],
  },
  {
    title: 'tags that AWS does not write',
    text: steps(
      '{ at: +1h, tag: { resource: chat, tags: {} } }',
      '{ at: +1h, tag: { resource: chat, tags: { "aws:x": y } } }',
    ),
    says: [
      's.yaml:10:45: No tag is written. Add one, such as { environment: prod }.',
      's.yaml:11:56: AWS alone writes tags that begin with aws:. Write another key.',
    ],
  },
  {
    title: 'what there is no call for',
    text: `${resources(
      '{ id: chat, kind: sagemaker-endpoint, type: ml.g5.xlarge, use: idle }',
      '{ id: book, kind: sagemaker-notebook, type: ml.g5.xlarge, use: idle }',
      '{ id: job, kind: sagemaker-training-job, type: ml.g5.xlarge }',
      '{ id: group, kind: auto-scaling-group, type: g5.xlarge, use: idle }',
    )}steps:\n  - { at: +1h, start: [chat, job] }\n  - { at: +1h, terminate: [book, group] }\n`,
    says: [
      's.yaml:13:24: A sagemaker-endpoint that was deleted cannot be started. Write restore: chat, which brings back what Bursar stopped.',
      's.yaml:13:30: A sagemaker-training-job cannot be started again. Add another one whose `since` is that time.',
      's.yaml:14:28: A sagemaker-notebook is not terminated here. Write stop: book.',
      's.yaml:14:34: An auto-scaling-group is not terminated here. Write stop: group.',
    ],
  },
  {
    title: 'an unknown resource and an unknown project',
    text: steps('{ at: +1h, start: chatt }', '{ at: +1h, unfreeze: npl }'),
    says: [
      's.yaml:10:23: No resource is named "chatt". Did you mean "chat"?',
      's.yaml:11:16: The policy names nobody who may do this. Add operators: [U012AB3CD] to it, or owners to the project.',
      's.yaml:11:26: No project of the policy is named "npl". Did you mean "nlp"?',
    ].toSorted(),
  },
  {
    title: 'one of many',
    text: `${resources(CHAT.replace('use', 'count: 50, use'))}steps: [ { at: +1h, stop: chat } ]\n`,
    says: ['s.yaml:9:27: "chat" are 50 resources. Name one of them, from chat-1 to chat-50.'],
  },
  {
    title: 'a project without a budget',
    text: steps('{ at: +1h, budget-alert: { project: recsys, amount: 40 USD } }'),
    says: [
      's.yaml:10:41: Project "recsys" has no monthly budget. Give it one in the policy, such as budget: 5000 USD.',
    ],
  },
  {
    title: 'outside of the time',
    text: steps('{ at: +65h, start: chat }', '{ at: -1h, stop: chat }', '{ at: noon, stop: chat }'),
    says: [
      's.yaml:10:11: This step is at 2026-11-30 10:00 UTC, and the scenario lasts from 2026-11-27 17:00 UTC to 2026-11-30 09:00 UTC. Write a time within it.',
      's.yaml:11:11: This step is at 2026-11-27 16:00 UTC, and the scenario lasts from 2026-11-27 17:00 UTC to 2026-11-30 09:00 UTC. Write a time within it.',
      `s.yaml:12:11: "noon" is not a time. ${AT}`,
    ],
  },
  {
    title: 'nothing, two things, and nearly one',
    text: steps('{ at: +1h }', '{ at: +1h, start: chat, stop: chat }', '{ at: +1h, strat: chat }'),
    says: [
      's.yaml:10:5: This step does nothing. Add start, stop, terminate, tag, keep, restore, release, unfreeze, budget-alert, fault or gate.',
      's.yaml:11:35: One step does one thing. Put `stop` into a step of its own.',
      's.yaml:12:16: Unknown key "strat". Did you mean "start"?',
    ],
  },
  {
    title: 'a keep by a name',
    text: steps('{ at: +1h, keep: { resource: chat, for: 2h, by: ana } }'),
    says: [
      's.yaml:10:53: "ana" is not a Slack id. Write the id of somebody whom the policy names, such as U012AB3CD; or leave it out.',
    ],
  },
  {
    title: 'a gate with what is no type',
    text: steps('{ at: +1h, gate: { project: nlp, committed: 3900 USD, launch: ml.p5.48xlarge, or: [g5] } }'),
    says: [`s.yaml:10:88: "g5" is not an instance type. ${TYPE}`],
  },
  {
    title: 'a gate with a type that has no price',
    text: steps('{ at: +1h, gate: { project: nlp, committed: 3900 USD, launch: ml.p5.48xlarge } }'),
    says: [
      's.yaml:10:67: ml.p5.48xlarge has no price. Add it to `prices`, such as ml.p5.48xlarge: 1.50 USD, or as unknown.',
    ],
  },
];

const EXPECT: readonly ScenarioMistake[] = [
  {
    title: 'events that there are not',
    text: expects('{ counts: { stoped: 1 }, events: [ { event: stop } ] }'),
    says: [
      's.yaml:9:21: Unknown key "stoped". Did you mean "stopped"?',
      's.yaml:9:53: "stop" is not an event. Use warned, notified, stopped, failed, skipped, restored, kept, refused, held, released, budget, frozen, unfrozen, burn-rate, started, ended or fault.',
    ],
  },
  {
    title: 'names that nothing has',
    text: expects(
      '{ running: [caht], events: [ { event: held, project: nlq, at: +3d } ], overrunAtMost: { project: recsys, amount: 4 USD } }',
    ),
    says: [
      's.yaml:9:21: No resource is named "caht". Did you mean "chat"?',
      's.yaml:9:62: No project of the policy is named "nlq". Did you mean "nlp"?',
      's.yaml:9:71: This event is at 2026-11-30 17:00 UTC, and the scenario lasts from 2026-11-27 17:00 UTC to 2026-11-30 09:00 UTC. Write a time within it.',
      's.yaml:9:106: Project "recsys" has no monthly budget. Give it one in the policy, such as budget: 5000 USD.',
    ],
  },
  {
    title: 'what is left alone and is not there',
    text: expects('{ leftAlone: [ { resource: caht, because: Kept } ] }'),
    says: ['s.yaml:9:36: No resource is named "caht". Did you mean "chat"?'],
  },
  {
    title: 'what is left alone without a name',
    text: expects('{ leftAlone: [ { because: Kept } ] }'),
    says: ['s.yaml:9:24: `resource` is missing. Name a resource by its id.'],
  },
  {
    title: 'money without its unit, and an answer to nothing',
    text: expects('{ spent: 28.27, gates: [ { verdict: pass } ] }'),
    says: ['s.yaml:9:18: 28.27 is not an amount. Write 28.27 USD.'],
  },
  {
    title: 'an answer to nothing',
    text: expects('{ gates: [ { verdict: pass } ] }'),
    says: [
      's.yaml:9:20: The gate is asked 0 times, and this would be one answer more. Remove it, or add a step.',
    ],
  },
];

export const SCENARIO_MISTAKES: readonly (readonly [string, readonly ScenarioMistake[]])[] = [
  ['the whole', WHOLE],
  ['resources', RESOURCES],
  ['steps', STEPS],
  ['what is expected', EXPECT],
];
