import * as z from 'zod';
import type { BillExport, SharedRule, Split, UsageSource } from './allocation.ts';
import { CHARGES, IDLE_TENANT } from './allocation.ts';
import { choice, list, mapping, notMapping, QUOTE, region, text, written } from './fields.ts';
import { FORMS } from './forms.ts';
import { nearest } from './nearest.ts';
import { kindOf, show, useOneOf, wrong } from './words.ts';

/*
 * The form of `allocation` in `bursar.yaml`. Messages are "what. mend.", as everywhere in the policy file.
 */

const PROJECT_MEND = 'Write the value of a project tag.';

const name = (what: string) =>
  text('name', `Give the ${what} a name of its own.`).regex(FORMS.name, {
    error: ({ input }) =>
      `${show(input)} cannot be the name of a ${what}. Use up to 100 visible characters, no space at either end.`,
  });

/** One text or a list of them; `*` stands for any characters. */
const texts = (key: string, mend: string) =>
  z.union([text(key, mend).transform((one): readonly string[] => [one]), list(key, text(key, mend), mend)], {
    error: wrong(key, 'text, or a list of texts', (input) => (isScalar(input) ? QUOTE : mend)),
  });

/** True of what YAML reads as a number or a truth value. */
const isScalar = (input: unknown): boolean => typeof input === 'number' || typeof input === 'boolean';

/** The mend for a word that none of several forms takes. */
const guess = (input: unknown, words: readonly string[], mend: string): string => {
  const meant = typeof input === 'string' ? nearest(input, words) : undefined;
  return meant === undefined ? mend : `Did you mean ${meant}? ${mend}`;
};

/** True of a mapping with such a key. */
const hasKey = (input: unknown, key: string): boolean =>
  typeof input === 'object' && input !== null && Object.hasOwn(input, key);

/** The message for a value that is none of several mappings, which differ by these keys, nor anything else that is allowed. */
const noneOf =
  (what: string, form: string, keys: readonly [string, string], mend: (input: unknown) => string) =>
  ({ input }: { readonly input?: unknown }): string => {
    if (kindOf(input) !== 'a mapping') return wrong(what, form, mend)({ input });
    const [one, other] = keys;
    return hasKey(input, one) && hasKey(input, other)
      ? `\`${one}\` and \`${other}\` stand for different things. Keep one of them.`
      : `\`${what}\` has neither \`${one}\` nor \`${other}\`. ${mend(input)}`;
  };

const charge = choice('charge', 'a kind of charge', CHARGES);

const MATCH_MEND = 'Write which costs are meant, such as { service: "AWS Support*" }.';

const CostMatchSchema = mapping('`match`', {
  project: texts('project', PROJECT_MEND).optional().describe('Values of the project tag.'),
  service: texts('service', 'Write a service as bills name it, such as Amazon SageMaker.')
    .optional()
    .meta({ description: 'Services as bills name them.', examples: ['AWS Support*'] }),
  charge: z
    .union(
      [
        charge.transform((one) => [one] as const),
        list('charge', charge, 'List kinds of charges, such as [tax, fee].'),
      ],
      {
        error: wrong('charge', 'a kind of charge, or a list of them', (input) => useOneOf(input, CHARGES)),
      },
    )
    .refine((charges) => charges.every((one) => one !== 'credit' && one !== 'refund'), {
      error: '`charge` names credits or refunds, which are no spend: no rule can mean them. Leave them out.',
    })
    .optional()
    .describe(
      'Kinds of charges, whatever a bill calls them; credits and refunds are no spend, and cannot be named.',
    ),
  account: texts('account', 'Write its 12 digits in quotes.').optional().describe('Account ids.'),
  region: texts('region', 'Write its code, such as us-east-1.').optional().describe('Region codes.'),
  usageType: texts('usageType', 'Write a usage type, such as "*DataTransfer*".')
    .optional()
    .meta({ description: 'Usage types as bills name them.', examples: ['*DataTransfer*'] }),
  resource: texts('resource', 'Write an ARN or an id; * stands for any characters.')
    .optional()
    .describe('ARNs or ids; needs line items of the bill.'),
  tags: z
    .record(
      z
        .string()
        .regex(/^.{1,128}$/u, { error: 'A tag key has 1 to 128 characters. Write the key of a tag.' }),
      texts('tags', 'Write a tag value, or a list of them.'),
      { error: notMapping('`tags`', 'Write { shared: gpu-pool }.') },
    )
    .refine((tags) => Object.keys(tags).length > 0, {
      error: '`tags` is empty. Write { shared: gpu-pool }, or remove it.',
    })
    .optional()
    .describe('Tag key → value, or list of values of which one must be carried.'),
})
  .refine((match) => Object.values(match).some((value) => value !== undefined), {
    when: ({ issues }) => issues.length === 0,
    error: `\`match\` is empty, and would take everything. ${MATCH_MEND}`,
  })
  .meta({
    title: 'Costs',
    description:
      'Which costs. All keys must hold; * in a text stands for any characters. Without `project` and `tags`, only what carries no project is meant.',
  });

const WEIGHT_MEND = 'Write a number above 0, such as 2 or 0.5.';

const positive = (key: string) => {
  const error = wrong(key, 'a number above 0', WEIGHT_MEND);
  return z.number({ error }).positive({ error }).max(1e12, { error });
};

const IDLE_PLACES = ['line', 'spread'] as const;

const IdleSplitSchema = z
  .union([z.enum(IDLE_PLACES), mapping('`idle`', { to: text('to', PROJECT_MEND).describe('A project.') })], {
    error: wrong('idle', 'a place for what is idle', (input) =>
      guess(input, IDLE_PLACES, 'Write line, spread or { to: a-project }.'),
    ),
  })
  .transform((idle) => (typeof idle === 'string' ? idle : { project: idle.to }))
  .prefault('line')
  .describe(
    'Where the unused part goes. line: a line of its own. spread: to those that use it, in proportion. { to: … }: to one project.',
  );

const SPLIT_MEND = 'Write even, direct, { weights: { a: 2, b: 1 } } or { usage: its-name }.';

const UsageSplitSchema = mapping('`split`', {
  usage: text('usage', 'Name an entry of `allocation.usage`.').describe('An entry of `usage`.'),
  per: choice('per', 'a time to reckon shares over', ['day', 'period'])
    .prefault('day')
    .describe('day: each UTC day by its own use. period: the whole period at once.'),
  capacityPerHour: positive('capacityPerHour')
    .optional()
    .meta({ description: 'What could be used in an hour, in the unit of the usage.', examples: [28800] }),
  idle: IdleSplitSchema,
  whenUnused: choice('whenUnused', 'something to do where nobody used it', ['idle', 'even', 'direct'])
    .prefault('idle')
    .describe(
      'What nobody used in a day or period. idle: it goes where `idle` says, evenly where that is spread. even, direct: as by these splits.',
    ),
});

const SplitSchema = z
  .union(
    [
      z.literal(['even', 'direct']).transform((by): Split => ({ by })),
      mapping('`split`', {
        weights: z
          .record(text('weights', PROJECT_MEND), positive('weights'), {
            error: notMapping('`weights`', 'Write { a: 2, b: 1 }.'),
          })
          .refine((weights) => Object.keys(weights).length > 0, {
            error: '`weights` is empty. Write { a: 2, b: 1 }.',
          })
          .meta({ description: 'Project → its weight.', examples: [{ 'fraud-detection': 2, recsys: 1 }] }),
      }).transform(({ weights }): Split => ({ by: 'weights', weights })),
      UsageSplitSchema.transform(
        ({ capacityPerHour, ...rest }): Split => ({
          by: 'usage',
          ...rest,
          ...(capacityPerHour === undefined ? {} : { capacityPerHour }),
        }),
      ),
    ],
    {
      error: noneOf('split', 'a way to split', ['weights', 'usage'], (input) =>
        guess(input, ['even', 'direct'], SPLIT_MEND),
      ),
    },
  )
  .meta({
    title: 'Split',
    description:
      'even: the same to each. direct: in proportion to what each spends directly. weights: fixed. usage: by what each used.',
    examples: ['even', 'direct', { weights: { 'fraud-detection': 2, recsys: 1 } }, { usage: 'gpu-seconds' }],
  });

export const SharedRuleSchema = mapping('A rule of `shared`', {
  name: name('rule').describe('For reports; unique.'),
  match: CostMatchSchema,
  to: text('to', PROJECT_MEND).optional().describe('The project that all of it goes to.'),
  split: SplitSchema.optional(),
  among: list('among', text('among', PROJECT_MEND), 'List projects, such as [fraud-detection, recsys].')
    .optional()
    .describe('Projects that share it; absent = all that have a part in it.'),
})
  .superRefine(({ to, split, among }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (to === undefined && split === undefined) {
      refuse(
        [],
        `This rule says not where the costs go. Give it \`to: a-project\` or a \`split\`. ${SPLIT_MEND}`,
      );
    }
    if (to !== undefined && split !== undefined) {
      refuse(['to'], '`to` gives all to one project, and `split` splits it. Keep one of them.');
    }
    if (to !== undefined && among !== undefined) {
      refuse(['among'], '`among` belongs to `split`. Remove it, or write split: even in place of `to`.');
    }
    if (split?.by === 'weights' && among !== undefined) {
      refuse(['among'], '`weights` names the projects already. Remove `among`.');
    }
  })
  .transform(
    ({ name, match, to, split, among }): SharedRule => ({
      name,
      match,
      split: to === undefined ? (split ?? { by: 'even' }) : { by: 'project', project: to },
      ...(among === undefined ? {} : { among }),
    }),
  )
  .meta({ title: 'Shared cost', description: 'How costs that belong to no project alone are split.' });

const TENANTS_MEND = 'Write { its-name: a-project }.';

const usageShape = {
  unit: text('unit', 'Write what is counted, such as GPU-seconds.')
    .prefault('units')
    .describe('What is counted, for people.'),
  tenants: z
    .record(z.string(), text('tenants', PROJECT_MEND), { error: notMapping('`tenants`', TENANTS_MEND) })
    .prefault({})
    .describe(
      `Tenant as the source names it → project, or ${IDLE_TENANT} for what nobody used. One that is absent is a project of its own name.`,
    ),
};

const FileUsageSchema = mapping('A usage', {
  ...usageShape,
  file: text('file', 'Name a .csv or .jsonl file, or s3://bucket/prefix.').meta({
    description:
      'CSV or JSON lines, also .gz: a path beside this file, or s3://bucket/prefix. {month} stands for 2026-11.',
    examples: ['usage/gpu.csv', 's3://team-logs/gpu/{month}/'],
  }),
  time: text('time', 'Name the column of the time.')
    .prefault('time')
    .describe('Column of the time, ISO 8601 or epoch seconds.'),
  tenant: text('tenant', 'Name the column of the tenant.')
    .prefault('tenant')
    .describe('Column of who used it.'),
  amount: text('amount', 'Name the column of the amount.').prefault('amount').describe('Column of how much.'),
  sampled: z
    .boolean({ error: wrong('sampled', 'true or false', 'Write true or false.') })
    .prefault(false)
    .describe(
      'true: the lines are samples of use, and shares are estimated, with a 95 % confidence interval.',
    ),
}).transform(
  ({ unit, tenants, file, time, tenant, amount, sampled }): UsageSource => ({
    unit,
    tenants,
    from: 'file',
    location: file,
    columns: { time, tenant, amount },
    sampled,
  }),
);

const MetricUsageSchema = mapping('A usage', {
  ...usageShape,
  metric: mapping('`metric`', {
    namespace: text('namespace', 'Write the namespace of a CloudWatch metric.').meta({
      description: 'Its namespace.',
      examples: ['AWS/SageMaker'],
    }),
    name: text('name', 'Write the name of a CloudWatch metric.').meta({
      description: 'Its name.',
      examples: ['Invocations'],
    }),
    tenant: text('tenant', 'Name the dimension whose value is the tenant.').describe(
      'The dimension whose value is the tenant.',
    ),
    where: z
      .record(z.string(), text('where', 'Write the value of a dimension.'), {
        error: notMapping('`where`', 'Write { EndpointName: shared-llm }.'),
      })
      .prefault({})
      .meta({
        description: 'Other dimensions of the series that count, and their values.',
        examples: [{ EndpointName: 'shared-llm' }],
      }),
    region: region.optional().describe('Its region; absent = the first of `scope`.'),
  }).describe('A metric of CloudWatch, summed.'),
}).transform(
  ({ unit, tenants, metric }): UsageSource => ({
    unit,
    tenants,
    from: 'metric',
    namespace: metric.namespace,
    metric: metric.name,
    tenant: metric.tenant,
    where: metric.where,
    region: metric.region,
  }),
);

export const UsageSchema = z
  .union([FileUsageSchema, MetricUsageSchema], {
    error: noneOf(
      'usage',
      'a source of usage',
      ['file', 'metric'],
      () => 'Write { file: usage.csv } or { metric: { namespace: …, name: …, tenant: … } }.',
    ),
  })
  .meta({ title: 'Usage', description: 'Where it is known who used how much of something shared.' });

const BillSchema = mapping('`bill`', {
  location: written(
    'location',
    /^s3:\/\/[a-z0-9.-]{3,63}\/.+[^/]$/,
    'a place in S3',
    'Write s3://bucket/prefix/name-of-the-export.',
  ).describe('Where AWS Data Exports delivers: s3://bucket/prefix/name-of-the-export.'),
  format: choice('format', 'a format of the bill', ['cur2', 'focus']).describe(
    'cur2: CUR 2.0. focus: FOCUS 1.0 with AWS columns.',
  ),
  athena: mapping('`athena`', {
    database: text('database', 'Name the database of the table.').describe('Its database.'),
    table: text('table', 'Name the table.').describe('Its name.'),
    workgroup: text('workgroup', 'Name a workgroup.')
      .prefault('primary')
      .describe('The workgroup that asks.'),
  })
    .optional()
    .describe('The table that Athena knows it by; absent = the files are read.'),
})
  .transform(({ athena, ...rest }): BillExport => (athena === undefined ? rest : { ...rest, athena }))
  .meta({ title: 'Bill', description: 'The line items of the bill; absent = Cost Explorer is asked.' });

export const AllocationSchema = mapping('`allocation`', {
  bill: BillSchema.optional(),
  shared: z
    .array(SharedRuleSchema, {
      error: wrong(
        'shared',
        'a list of rules',
        'Write a list such as [ { name: support, match: { service: "AWS Support*" }, split: direct } ].',
      ),
    })
    .max(100, { error: 'More than 100 rules. Match several services, tags or accounts in one.' })
    .prefault([])
    .describe('How shared costs are split. The first rule that matches a cost is the one that counts.'),
  usage: z
    .record(name('usage'), UsageSchema, {
      error: notMapping('`usage`', 'Write { gpu-seconds: { file: usage.csv } }.'),
    })
    .prefault({})
    .describe('What shared costs can be split by, by name.'),
}).meta({ title: 'Allocation', description: 'How every cost finds its project.' });
