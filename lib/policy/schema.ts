import * as z from 'zod';
import { CONSENTS } from '../types/resource.ts';
import { AllocationSchema } from './allocation-schema.ts';
import {
  amount,
  choice,
  duration,
  list,
  mapping,
  mappingMessage,
  notMapping,
  onOff,
  percent,
  QUOTE,
  region,
  text,
  timezone,
  wholeNumber,
  written,
} from './fields.ts';
import { FORMS, moneyMend, toBytesPerSecond, toTimes } from './forms.ts';
import type { IdleLimits } from './policy.ts';
import { HoursSchema, MaxRuntimeSchema, SchedulesSchema } from './schedule-schema.ts';
import { kindOf, show, wrong } from './words.ts';

/**
 * The form of `bursar.yaml`: what is checked, what editors complete (by its JSON Schema) and what the parsed
 * `Policy` is made of. Messages are "what. mend."; those of an unknown-keys issue are one line a key.
 */

// --- tags ---

const tagKey = (name: string, usual: string, description: string) =>
  written(
    name,
    FORMS.tagKey,
    'a tag key',
    'Use letters, digits and _ . : / = + - @, up to 128 of them, and not the prefix aws:.',
  )
    .prefault(usual)
    .describe(description);

export const TagKeysSchema = mapping('`tags`', {
  project: tagKey('project', 'project', 'Tag key that names the project that pays.'),
  owner: tagKey('owner', 'owner', 'Tag key that names the people to ask.'),
  environment: tagKey('environment', 'environment', 'Tag key that names the environment.'),
  keepUntil: tagKey(
    'keepUntil',
    'bursar:keep-until',
    'Tag key whose value, a date or time, keeps a resource from being stopped until then.',
  ),
  model: tagKey('model', 'model', 'Tag key that names the model that something serves or trains.'),
  creator: tagKey(
    'creator',
    'bursar:creator',
    'Tag key that Bursar writes on what has no project: who made it, by CloudTrail.',
  ),
})
  .superRefine((tags, context) => {
    const entries = Object.entries(tags);
    for (const [index, [name, key]] of entries.entries()) {
      const earlier = entries.slice(0, index).find(([, other]) => other === key);
      if (earlier === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `\`${earlier[0]}\` and \`${name}\` are both the tag ${show(key)}. Give each a tag key of its own.`,
      });
    }
  })
  .meta({ title: 'Tag keys', description: 'The tag keys that carry a meaning. Each has a usual value.' });

// --- projects ---

const PROJECT_NAME_MEND =
  'It is part of the name of its AWS Budget: use up to 84 visible characters, no : or \\ or /action/, no space at either end.';

const ProjectNameSchema = z.string().regex(FORMS.projectName, {
  error: ({ input }) => `${show(input)} cannot be a project's name. ${PROJECT_NAME_MEND}`,
});

const OWNER_MEND = 'Name a team or a person.';

const NO_BUDGET = 'A budget of 0 USD is spent at once.';

const monthly = (name: string) =>
  amount(name, NO_BUDGET).meta({
    description: 'US dollars a calendar month (UTC).',
    examples: ['4000 USD', '99.50 USD'],
  });

const DAY_MEND = 'Write a date such as 2026-01-01.';

const day = (name: string) =>
  written(name, FORMS.day, 'a date', DAY_MEND).refine((text) => z.iso.date().safeParse(text).success, {
    error: ({ input }) => `${show(input)} is no date of the calendar. ${DAY_MEND}`,
  });

const BudgetsSchema = mapping('`budget`', {
  monthly: monthly('monthly').optional(),
  daily: amount('daily', NO_BUDGET)
    .optional()
    .meta({ description: 'US dollars a UTC day, by the meter.', examples: ['300 USD'] }),
  total: amount('total', NO_BUDGET)
    .optional()
    .meta({ description: 'US dollars of all time since `since`, by the meter.', examples: ['50000 USD'] }),
  since: day('since')
    .optional()
    .meta({ description: 'The day from whose month on `total` counts.', examples: ['2026-01-01'] }),
})
  .refine(
    (limits) => limits.monthly !== undefined || limits.daily !== undefined || limits.total !== undefined,
    {
      // With another mistake in it, such as a misspelt `monthly`, it may well have one.
      when: ({ issues }) => issues.length === 0,
      error: 'This budget has no amount. Give it `monthly`, `daily` or `total`.',
    },
  )
  .superRefine(({ total, since }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (total !== undefined && since === undefined) {
      refuse(['total'], '`total` needs to know since when. Add `since: 2026-01-01`, with its own date.');
    }
    if (total === undefined && since !== undefined) {
      refuse(['since'], '`since` belongs to `total`, and there is none. Add `total`, or remove `since`.');
    }
  });

const BudgetSchema = z
  .union([monthly('budget').transform((usd) => ({ monthly: usd })), BudgetsSchema], {
    error: ({ input }) =>
      typeof input === 'object' && input !== null
        ? wrong(
            'budget',
            'an amount, or amounts by period',
            'Write { monthly: 4000 USD, daily: 300 USD }.',
          )({
            input,
          })
        : wrong('budget', 'an amount', moneyMend)({ input }),
  })
  .meta({
    description: 'US dollars a calendar month (UTC), or limits by period.',
    examples: ['4000 USD', { monthly: '4000 USD', daily: '300 USD' }],
  });

const slackChannel = written('slack', FORMS.slackChannel, 'a Slack channel', (input) =>
  input === null
    ? 'Put quotes around the channel, since # starts a comment: "#fraud-ml".'
    : 'Write it in lower case with its # and in quotes: "#fraud-ml".',
).meta({ description: 'Slack channel for this project; absent = the default one.', examples: ['#fraud-ml'] });

const slackId = (name: string) =>
  written(
    name,
    FORMS.slackId,
    'a Slack id',
    'Write the id of a user or a user group, such as U012AB3CD or S0614TZR7, not a name: in Slack it is under “Copy member ID”.',
  ).meta({ examples: ['U012AB3CD', 'S0614TZR7'] });

const slackIds = (name: string, description: string) =>
  list(name, slackId(name), 'List Slack ids, such as [U012AB3CD].').optional().describe(description);

const ROLES_MEND = 'Name roles that people and jobs of the project launch with';

/**
 * What a role is that must not be denied launches, or that IAM lets nobody change, with the mend. IAM takes names for
 * the same that differ in case alone (IAM API, `CreateRole`); AWS re:Post, "Cannot perform the operation on the
 * protected role AWSReservedSSO".
 */
function undeniable(role: string): string | undefined {
  if (/^cdk-/i.test(role)) return `a role that the CDK deploys with. ${ROLES_MEND}.`;
  if (/^AWSServiceRole/i.test(role)) {
    return `a role of a service of AWS, which nobody else can change. ${ROLES_MEND}.`;
  }
  if (/^AWSReservedSSO_/i.test(role)) {
    return `a role of IAM Identity Center, which alone can change it. ${ROLES_MEND}, or use a service control policy (docs/organisation-scp.md).`;
  }
  return undefined;
}

const ModelSchema = mapping('A model', { budget: BudgetSchema }).meta({
  title: 'Model',
  description: 'A part of a project, named as the model tag names it, with limits of its own.',
});

const ProjectSchema = mapping('A project', {
  owner: text('owner', OWNER_MEND).describe('The team or person to ask.').optional(),
  team: text('team', 'Name a team of `teams`.')
    .optional()
    .describe('The team of `teams` that it belongs to, whose limits count for it as well.'),
  budget: BudgetSchema.optional(),
  models: z
    .record(ProjectNameSchema, ModelSchema, {
      error: notMapping('`models`', 'Write { scorer: { budget: 1000 USD } }.'),
    })
    .optional()
    .describe('Limits of its models, by the value of the model tag. By the meter alone.'),
  slack: slackChannel.optional(),
  owners: slackIds(
    'owners',
    'Slack ids of users or user groups who may act on its resources, and approve a fourth snooze.',
  ),
  members: slackIds('members', 'Slack ids of users or user groups who may act on its resources.'),
  discount: percent('discount', 0, 95)
    .optional()
    .meta({
      description:
        'Percent that Savings Plans and reservations take off its list prices; absent = learned from bills.',
      examples: ['28%'],
    }),
  types: list(
    'types',
    written('a type', FORMS.instanceType, 'an instance type', 'Write it such as g5.xlarge or ml.g5.*.'),
    'List instance types, such as [g5.*, ml.m5.xlarge].',
  )
    .optional()
    .describe('Instance types that it may launch, * standing for any characters; absent = all.'),
  maxHourly: amount('maxHourly', 'No machine is free.')
    .optional()
    .meta({ description: 'US dollars an hour that all it runs may cost.', examples: ['50 USD'] }),
  freezeRoles: list(
    'freezeRoles',
    written('a role', FORMS.roleName, 'the name of an IAM role', (input) =>
      typeof input === 'string' && input.startsWith('arn:')
        ? `Write its name alone: ${input.split('/').at(-1) ?? ''}.`
        : 'Use letters, digits and _ + = , . @ -, up to 64 of them.',
    ).refine((role) => undeniable(role) === undefined, {
      error: ({ input }) => `${show(input)} is ${undeniable(String(input)) ?? ''}`,
    }),
    'List names of IAM roles, such as [fraud-developers].',
  )
    .optional()
    .describe('IAM roles that may launch nothing while the project is frozen.'),
})
  .transform(({ owners = [], members = [], freezeRoles = [], ...rest }) => ({
    ...rest,
    owners,
    members,
    freezeRoles,
  }))
  .meta({ title: 'Project', description: 'One project, named as the project tag names it.' });

export const ProjectsSchema = z
  .record(ProjectNameSchema, ProjectSchema, {
    error: notMapping('`projects`', 'Write a line for each project, such as recsys: { budget: 12000 USD }.'),
  })
  .meta({ title: 'Projects', description: 'Projects by the value of their project tag.' });

// --- teams ---

const TeamSchema = mapping('A team', {
  owner: text('owner', OWNER_MEND).describe('The person to ask.').optional(),
  budget: BudgetSchema.optional(),
  slack: slackChannel.optional(),
  owners: slackIds('owners', 'Slack ids of users or user groups who may act on all that its projects have.'),
})
  .transform(({ owners = [], ...rest }) => ({ ...rest, owners }))
  .meta({ title: 'Team', description: 'Projects that share a limit.' });

export const TeamsSchema = z
  .record(ProjectNameSchema, TeamSchema, {
    error: notMapping('`teams`', 'Write a line for each team, such as alpha: { budget: 20000 USD }.'),
  })
  .meta({ title: 'Teams', description: 'Teams by name; projects name theirs by `team`.' });

// --- policies ---

const TAG_VALUES_MEND = 'Write a tag value, or a list such as [dev, staging].';

const tagValueMessage = ({ input }: { readonly input?: unknown }): string => {
  const isQuotable = typeof input === 'number' || typeof input === 'boolean';
  return `A tag's value is text, not ${kindOf(input)}. ${isQuotable ? QUOTE : TAG_VALUES_MEND}`;
};

const tagValue = z.string({ error: tagValueMessage });

const TagValuesSchema = z
  .union(
    [
      tagValue,
      z
        .array(tagValue, { error: tagValueMessage })
        .min(1, { error: 'An empty list matches nothing, ever. List a value, or remove the key.' }),
    ],
    { error: tagValueMessage },
  )
  .transform((values): readonly string[] => (typeof values === 'string' ? [values] : values))
  .meta({ examples: ['prod', ['dev', 'staging']] });

const MATCH_MEND = 'Write the tags to match, such as { environment: prod }, or {} for everything.';

const MatchSchema = z
  .record(
    z.string().regex(/^.{1,128}$/u, { error: 'A tag key has 1 to 128 characters. Write the key of a tag.' }),
    TagValuesSchema,
    { error: notMapping('`match`', MATCH_MEND) },
  )
  .meta({
    description:
      'Tag key → value, or list of values of which one must be carried. Every key must match. `project`, `owner` and `environment` stand for the keys under `tags`. {} matches everything.',
    examples: [{ environment: 'prod' }, { environment: ['dev', 'staging'] }],
  });

const IdleLimitsSchema = mapping('`below`', {
  cpu: percent('cpu', 0.1, 100).prefault('5%').describe('Percent of all cores.'),
  gpu: percent('gpu', 0.1, 100).prefault('5%').describe('Percent of the busiest GPU.'),
  network: written('network', FORMS.rate, 'a rate', 'Write a number and its unit, such as 10 kB/s.')
    .transform(toBytesPerSecond)
    .refine((rate) => rate > 0, {
      error: 'No traffic is below 0 B/s, so nothing would be idle. Write a rate such as 10 kB/s.',
    })
    .prefault('10 kB/s')
    .meta({ description: 'Traffic; each of in and out must stay below.', examples: ['10 kB/s', '1 MB/s'] }),
  invocations: wholeNumber('invocations', 1, 1_000_000)
    .prefault(1)
    .describe('Requests in one sample (five minutes as a rule).'),
  backlog: wholeNumber('backlog', 1, 1_000_000)
    .prefault(1)
    .describe('Requests that wait in the queue of an asynchronous endpoint.'),
  connections: wholeNumber('connections', 1, 1_000_000)
    .prefault(1)
    .describe('Open connections of a database.'),
}).describe('What every sample of a signal must stay below to count as idle.');

/** Where a policy says nothing else. */
export const USUAL_IDLE_LIMITS: IdleLimits = IdleLimitsSchema.parse({});

/** Seconds; two of CloudWatch's 5-minute samples. */
const LEAST_IDLE_BEFORE_WARNING = 600;

const IdleRuleSchema = mapping('`idle`', {
  after: duration(
    'after',
    '15m',
    '14d',
    ', and fewer than three of CloudWatch’s 5-minute samples prove nothing',
  ).meta({ description: 'How long every sample must have been idle.', examples: ['30m', '2h'] }),
  warn: duration('warn', '0s', '1d')
    .prefault('0s')
    .meta({
      description: 'How long before the stop people are told, within `after`; 0s = no warning.',
      examples: ['10m'],
    }),
  do: choice('do', 'something to do about an idle resource', ['stop', 'notify']).describe(
    'stop: in the kind’s own way (stop an instance, shut an endpoint down). notify: tell people.',
  ),
  below: IdleLimitsSchema.prefault({}),
})
  .superRefine((rule, context) => {
    const { after, warn } = rule;
    if (warn === 0) return;
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['warn'], message });
    if (rule.do === 'notify') {
      refuse('`warn` announces a stop, and `do: notify` stops nothing. Remove `warn`, or write do: stop.');
    } else if (after - warn < LEAST_IDLE_BEFORE_WARNING) {
      refuse(
        '`warn` comes before the stop, after at least 10 min of idleness. ' +
          `Write at most ${Math.floor((after - LEAST_IDLE_BEFORE_WARNING) / 60)}m, or a longer \`after\`.`,
      );
    }
  })
  .transform((rule) => ({
    afterSeconds: rule.after,
    warnSeconds: rule.warn,
    do: rule.do,
    below: rule.below,
  }));

const IDLE_MEND = 'Write off, or a rule such as { after: 30m, warn: 10m, do: stop }.';

const IdleSchema = z
  .union(
    [
      // YAML 1.1 tools and many habits make `off` a truth value.
      z.literal(['off', false]).transform(() => 'off' as const),
      IdleRuleSchema,
    ],
    { error: wrong('idle', 'an idle rule', IDLE_MEND) },
  )
  .meta({ title: 'Idle rule', description: 'What to do about idle resources; off or absent = nothing.' });

const BudgetRuleSchema = mapping('A budget rule', {
  at: percent('at', 0.01, 1000).meta({
    description: 'Percent of the project’s budget.',
    examples: ['80%', '100%'],
  }),
  of: choice('of', 'a kind of spend', ['actual', 'forecasted', 'estimated'])
    .prefault('actual')
    .describe(
      'actual: spend so far as AWS Budgets says, 8 to 24 hours behind. forecasted: what AWS forecasts for the month. estimated: what the meter says, minutes behind.',
    ),
  per: choice('per', 'a period', ['month', 'day', 'total'])
    .prefault('month')
    .describe('Which limit of the project: its monthly budget, its `daily` or its `total` one.'),
  do: choice('do', 'an action of a budget rule', ['notify', 'stop', 'freeze']).describe(
    'notify: tell people. stop: take what matches out of service. freeze: that, and stop new launches.',
  ),
  grace: duration('grace', '0s', '7d')
    .prefault('0s')
    .meta({
      description: 'How long before the stop people are told; 0s = it is stopped at once.',
      examples: ['30m'],
    }),
})
  .superRefine((rule, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (rule.of === 'forecasted' && rule.do !== 'notify') {
      refuse(
        'do',
        `A forecast is not spend: \`do: ${rule.do}\` needs \`of: actual\` or \`of: estimated\`. Write do: notify, or one of these.`,
      );
    }
    if (rule.per !== 'month' && rule.of !== 'estimated') {
      refuse(
        'per',
        `AWS Budgets knows months alone: \`per: ${rule.per}\` needs \`of: estimated\`. Write of: estimated, or per: month.`,
      );
    }
    if (rule.do === 'notify' && rule.grace > 0) {
      refuse(
        'grace',
        '`grace` announces a stop, and `do: notify` stops nothing. Remove `grace`, or write do: stop.',
      );
    }
  })
  .transform(({ grace, ...rest }) => ({ ...rest, graceSeconds: grace }));

type BudgetRules = readonly {
  readonly at: number;
  readonly of: 'actual' | 'forecasted' | 'estimated';
  readonly per: 'month' | 'day' | 'total';
}[];

const BudgetRulesSchema = z
  .array(BudgetRuleSchema, {
    error: wrong('budget', 'a list of budget rules', 'Write a list such as [ { at: 100%, do: notify } ].'),
  })
  .superRefine((rules, context) => {
    for (const [index, rule] of rules.entries()) {
      const message = orderMessage(rules.slice(0, index), rule);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [index, 'at'], message });
    }
  })
  .meta({
    title: 'Budget rules',
    description: 'What to do at shares of the budget, ascending within each kind of spend and period.',
  });

function orderMessage(earlier: BudgetRules, { at, of, per }: BudgetRules[number]): string | undefined {
  const last = earlier.findLast((rule) => rule.of === of && rule.per === per);
  if (last === undefined || last.at < at) return undefined;
  const what = per === 'month' ? of : `${of} per ${per}`;
  return last.at === at
    ? `${at}% of ${what} has a rule already. Keep the stronger of the two: it notifies as well.`
    : `${at}% of ${what} stands after ${last.at}%. Put the thresholds in ascending order.`;
}

export const NamedPolicySchema = mapping('A policy', {
  name: text('name', 'Give the policy a name of its own.')
    .regex(FORMS.name, {
      error: ({ input }) =>
        `${show(input)} cannot be a policy's name. Use up to 100 visible characters, no space at either end.`,
    })
    .describe('For alerts and the audit trail; unique.'),
  match: MatchSchema,
  idle: IdleSchema.optional(),
  budget: BudgetRulesSchema.optional(),
  allow: list(
    'allow',
    choice('allow', 'something that a policy can allow', CONSENTS),
    `List some of these: ${CONSENTS.join(', ')}.`,
  )
    .optional()
    .describe(
      'What is done only where it is allowed. scale-to-zero: empty Auto Scaling groups. terminate-spot: end Spot instances that cannot be stopped. stop-jobs: stop training and processing jobs over budget.',
    ),
  restore: choice('restore', 'a way to restore', ['by-hand', 'next-period'])
    .optional()
    .describe(
      'by-hand: what a budget stopped stays so until somebody restores it. next-period: it is restored when the next month begins.',
    ),
  hours: HoursSchema.optional(),
  maxRuntime: MaxRuntimeSchema.optional(),
  launch: choice('launch', 'something to do about a launch', ['notify', 'stop'])
    .optional()
    .describe(
      'What is done about what starts while its project is over a budget whose rule stops, or which its project’s `types` or `maxHourly` rule out. notify: tell people. stop: undo the launch.',
    ),
})
  .refine(
    ({ idle, budget, hours, maxRuntime }) =>
      [idle, budget, hours, maxRuntime].some((rule) => rule !== undefined),
    {
      // With another mistake in it, such as a misspelt `idle`, it may well do something.
      when: ({ issues }) => issues.length === 0,
      error:
        'This policy does nothing. Give it `idle` or `budget`; to leave its resources alone, write idle: off.',
    },
  )
  .transform(
    ({
      name,
      match,
      idle = 'off',
      budget = [],
      allow = [],
      restore = 'by-hand',
      launch = 'notify',
      hours,
      maxRuntime,
    }) => ({
      name,
      match,
      idle,
      budget,
      allow,
      restore,
      launch,
      ...(hours === undefined ? {} : { hours }),
      ...(maxRuntime === undefined ? {} : { maxRuntime }),
    }),
  )
  .meta({ title: 'Policy' });

/** Bounds the work of comparing every policy with those before it. */
const MAX_POLICIES = 200;

const POLICIES_MEND = 'Write at least one, such as { name: everything, match: {}, idle: off }.';

const PoliciesSchema = z
  .array(NamedPolicySchema, { error: wrong('policies', 'a list of policies', POLICIES_MEND) })
  .min(1, { error: `\`policies\` is empty, so nothing would be watched. ${POLICIES_MEND}` })
  .max(MAX_POLICIES, { error: `More than ${MAX_POLICIES} policies. Match on several tag values at once.` })
  .meta({
    title: 'Policies',
    description: 'The first that matches a resource’s tags is the one that counts.',
  });

// --- the rest ---

const UntaggedSchema = mapping('`untagged`', {
  after: duration('after', '5m', '90d')
    .prefault('24h')
    .meta({ description: 'How long a resource may run without a project tag.', examples: ['24h'] }),
  do: choice('do', 'something to do about untagged resources', ['notify', 'stop'])
    .prefault('notify')
    .describe('notify: tell people. stop: what can be brought back is stopped once people were warned.'),
  warn: duration('warn', '0s', '7d')
    .optional()
    .meta({
      description: 'How long before the stop people are told, within `after`; 1h where it is not given.',
      examples: ['2h'],
    }),
})
  .superRefine(({ after, do: action, warn }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['warn'], message });
    if (warn === undefined) return;
    if (action === 'notify') {
      refuse('`warn` announces a stop, and `do: notify` stops nothing. Remove `warn`, or write do: stop.');
    } else if (warn > after) {
      refuse('`warn` lies within `after`, and is longer. Write a shorter `warn`, or a longer `after`.');
    }
  })
  .transform(({ after, do: action, warn }) => ({
    afterSeconds: after,
    do: action,
    warnSeconds: action === 'stop' ? (warn ?? Math.min(3_600, Math.floor(after / 2))) : 0,
  }))
  .meta({
    title: 'Untagged resources',
    description: 'What to do about resources without a project tag.',
  });

const RequiredTagsSchema = z
  .record(
    z.string().regex(/^.{1,128}$/u, { error: 'A tag key has 1 to 128 characters. Write the key of a tag.' }),
    z.union(
      [
        z.literal('any'),
        z.array(tagValue, { error: tagValueMessage }).min(1, {
          error: 'An empty list allows nothing. List a value, or write any.',
        }),
      ],
      {
        error: ({ input }) =>
          wrong(
            'requiredTags',
            'any, or a list of values',
            'Write any, or a list such as [dev, prod].',
          )({ input }),
      },
    ),
    { error: notMapping('`requiredTags`', 'Write { project: any, environment: [dev, prod] }.') },
  )
  .meta({
    title: 'Required tags',
    description:
      'Tag key → any, or the list of values that it may have. `project`, `owner` and `environment` stand for the keys under `tags`.',
    examples: [{ project: 'any', environment: ['dev', 'prod'] }],
  });

const AlertsSchema = mapping('`alerts`', {
  burnRate: z
    .union(
      [
        z.literal(['off', false]).transform(() => undefined),
        written('burnRate', FORMS.times, 'a multiple', 'Write a multiple such as 10x, or off.')
          .transform(toTimes)
          .refine((times) => times >= 2, {
            error: 'Below 2x an ordinary day would be told. Write 2x or more, or off.',
          }),
      ],
      { error: wrong('burnRate', 'a multiple', 'Write a multiple such as 10x, or off.') },
    )
    .prefault('10x')
    .meta({
      description: 'People are told when an hour costs so many times the usual one.',
      examples: ['10x'],
    }),
  weekly: onOff('weekly').prefault('on').describe('A weekly alert of how the projects stand, on Mondays.'),
  anomalies: onOff('anomalies')
    .prefault('on')
    .describe('Whether people are told of a day that cost a project far more than such a weekday does.'),
}).meta({ title: 'Alerts', description: 'What people are told beyond what happens to resources.' });

const LimitsSchema = mapping('`limits`', {
  maxStopsPerSweep: wholeNumber('maxStopsPerSweep', 1, 1000)
    .prefault(25)
    .describe('Stops in one sweep (five minutes). Over it, Bursar holds and asks.'),
  maxFleetShare: percent('maxFleetShare', 1, 100)
    .prefault('30%')
    .describe('Percent of the running fleet that one sweep may stop. Over it, Bursar holds and asks.'),
}).meta({ title: 'Safety limits' });

const REGIONS_MEND = 'List AWS regions, such as [us-east-1, eu-west-1].';

const account = z.literal('self', {
  error: ({ input }) =>
    (typeof input === 'string' || typeof input === 'number') && /^\d{12}$/.test(String(input))
      ? `Account ${String(input)} cannot be watched: only \`self\` is supported so far. Write accounts: [self].`
      : wrong(
          'an account',
          'an account',
          'Only `self` is supported so far: write accounts: [self].',
        )({ input }),
});

const ScopeSchema = mapping('`scope`', {
  regions: list('regions', region, REGIONS_MEND)
    .prefault(['us-east-1'])
    .describe('AWS regions that are watched.'),
  accounts: list('accounts', account, 'Write accounts: [self].')
    .prefault(['self'])
    .describe('`self` is the account that Bursar is deployed in.'),
}).meta({ title: 'Scope' });

const ApprovalSchema = z
  .union(
    [
      z.literal('required'),
      // YAML 1.1 tools and many habits make `off` a truth value.
      z.literal(['off', false]).transform(() => 'off' as const),
    ],
    { error: wrong('approval', 'required or off', 'Write required or off.') },
  )
  .prefault('off')
  .meta({
    title: 'Approval',
    description:
      'required: stop and freeze only what a plan of this very policy lists that somebody approved, by bursar plan and bursar approve. off: whatever the policy says.',
  });

const DismissalSchema = mapping('A dismissal', {
  recommendation: written(
    'recommendation',
    FORMS.recommendation,
    'the id of a recommendation',
    'Copy it from bursar recommend: the check and the ARN, such as "gp2-to-gp3 arn:aws:ec2:…"; "* arn:…" for all of a resource.',
  ).describe('Its id, as bursar recommend prints it; * and the ARN for all that there is of a resource.'),
  reason: text('reason', 'Say why, in a few words.').describe('Why, for whoever reads the file later.'),
  until: day('until').meta({
    description: 'The last day on which it is dismissed (UTC); it comes back after that.',
    examples: ['2027-01-31'],
  }),
});

const DismissedSchema = z
  .array(DismissalSchema, {
    error: wrong(
      'dismissed',
      'a list of dismissals',
      'Write [ { recommendation: "…", until: 2027-01-31, reason: "…" } ].',
    ),
  })
  .superRefine((dismissals, context) => {
    for (const [index, { recommendation }] of dismissals.entries()) {
      if (dismissals.findIndex((one) => one.recommendation === recommendation) === index) continue;
      context.addIssue({
        code: 'custom',
        path: [index, 'recommendation'],
        message: `${show(recommendation)} is dismissed above already. Keep one.`,
      });
    }
  })
  .meta({ title: 'Dismissed recommendations', description: 'What nobody wants to be told of until a day.' });

const ROOT_MEND = 'It starts with `version: 1` and has `projects` and `policies`.';

const rootShape = {
  version: z
    .literal(1, { error: wrong('version', 'a version that this Bursar reads', 'Write version: 1.') })
    .describe('Version of the file format.'),
  tags: TagKeysSchema.prefault({}),
  teams: TeamsSchema.prefault({}),
  projects: ProjectsSchema,
  operators: slackIds(
    'operators',
    'Slack ids of users or user groups who may act on everything, and release what the limits hold back.',
  ).transform((ids = []) => ids),
  timezone: timezone.describe('Time zone in which “tomorrow 9:00” and hours are meant.').prefault('UTC'),
  schedules: SchedulesSchema.prefault({}),
  policies: PoliciesSchema,
  untagged: UntaggedSchema.prefault({}),
  requiredTags: RequiredTagsSchema.prefault({ project: 'any' }),
  alerts: AlertsSchema.prefault({}),
  limits: LimitsSchema.prefault({}),
  scope: ScopeSchema.prefault({}),
  approval: ApprovalSchema,
  allocation: AllocationSchema.prefault({}),
  dismissed: DismissedSchema.prefault([]),
};

export const PolicyFileSchema = z
  .strictObject(rootShape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? mappingMessage('', Object.keys(rootShape), issue)
        : notMapping('The policy file', ROOT_MEND)(issue),
  })
  .meta({
    title: 'Bursar policy',
    description: 'Budgets of projects, and what to do about spend and idleness.',
  });

/**
 * How to parse with the schemas here. Issues keep their input. The words are for what no schema has words for:
 * zod's own fail on a mapping with a key such as `constructor`.
 */
export const PARSE = {
  reportInput: true,
  error: () => 'This cannot stand here. Compare it with the example bursar.yaml.',
} as const;

/** The file's own values, in seconds, percent, bytes/s and USD. */
export type PolicyFile = z.output<typeof PolicyFileSchema>;
