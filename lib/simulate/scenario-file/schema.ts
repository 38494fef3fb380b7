import * as z from 'zod';
import { choice, duration, mapping, mappingMessage, notMapping, text } from '../../policy/fields.ts';
import { PolicyFileSchema } from '../../policy/schema.ts';
import { wrong } from '../../policy/words.ts';
import { ExpectSchema } from './expect-schema.ts';
import { instant, moment, span } from './moments.ts';
import { ResourceSchema } from './resource-schema.ts';
import { instanceType, price } from './shared-schema.ts';
import { StepSchema } from './step-schema.ts';

/*
 * The form of a scenario: what is checked, what editors complete (by its JSON Schema) and what the parsed `Scenario`
 * is made of. The rules for messages are those of the policy file.
 */

const PRICES_MEND = 'Write a line for each type, such as ml.p4d.24xlarge: 37.688 USD.';

export const PricesSchema = z
  .record(
    instanceType('a type'),
    z.union([price('a price'), z.literal('unknown')], {
      error: wrong('a price', 'an amount', 'Write US dollars an hour, such as 37.688 USD, or unknown.'),
    }),
    { error: notMapping('`prices`', PRICES_MEND) },
  )
  .meta({
    title: 'Prices',
    description: 'US dollars an hour by instance type; unknown = AWS tells none.',
    examples: [{ 'ml.p4d.24xlarge': '37.688 USD' }],
  });

const POLICY_MEND = 'Name its file, such as bursar.yaml, or write the policy here as a mapping.';

const BillingSchema = mapping('`billing`', {
  lag: duration('lag', '0s', '3d')
    .prefault('12h')
    .meta({ description: 'How far the bill, and AWS Budgets with it, are behind.', examples: ['24h'] }),
}).meta({ title: 'Billing', description: 'When AWS tells what was spent.' });

const LONGEST = '366d';

const ROOT_MEND = 'It starts with `version: 1` and has `name`, `policy`, `from`, `for` and `resources`.';

const rootShape = {
  version: z
    .literal(1, { error: wrong('version', 'a version that this Bursar reads', 'Write version: 1.') })
    .describe('Version of the file format.'),
  name: text('name', 'Name the scenario.').describe('What it is called.'),
  description: text('description', 'Say what it shows, or remove it.')
    .optional()
    .describe('What it shows, in a sentence or two.'),
  policy: z
    .union([text('policy', POLICY_MEND), PolicyFileSchema], {
      error: wrong('policy', 'a policy', POLICY_MEND),
    })
    .meta({
      title: 'Policy',
      description: 'The policy file, relative to this one; or the policy itself.',
      examples: ['../bursar.yaml'],
    }),
  from: instant('from').meta({ description: 'When it begins.', examples: ['2026-11-27T17:00Z'] }),
  to: moment('to')
    .optional()
    .meta({ description: 'When it ends; or write `for`.', examples: ['2026-11-30T09:00Z', '+64h'] }),
  for: span('for', '5m', LONGEST)
    .optional()
    .meta({ description: 'How long it lasts; or write `to`.', examples: ['64h', '30d'] }),
  prices: PricesSchema.prefault({}),
  billing: BillingSchema.prefault({}),
  events: choice('events', 'a way to tell', ['prompt', 'none'])
    .prefault('prompt')
    .describe('prompt: EventBridge tells of what starts and stops at once. none: only the sweeps find it.'),
  resources: z
    .array(ResourceSchema, {
      error: wrong('resources', 'a list of resources', 'Write a list of mappings with id, kind and type.'),
    })
    .prefault([])
    .meta({ title: 'Resources', description: 'What there is, and what it does.' }),
  steps: z
    .array(StepSchema, {
      error: wrong('steps', 'a list of steps', 'Write a list such as [ { at: +2h, start: chat } ].'),
    })
    .prefault([])
    .meta({ title: 'Steps', description: 'What people, or AWS, do.' }),
  expect: ExpectSchema.prefault({}),
};

export const ScenarioFileSchema = z
  .strictObject(rootShape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? mappingMessage('', Object.keys(rootShape), issue)
        : notMapping('The scenario', ROOT_MEND)(issue),
  })
  .meta({
    title: 'Bursar scenario',
    description: 'A fleet, what it does, and what must come of it under a policy: bursar simulate plays it.',
  });

/** How to parse with the schemas here; see `PARSE` of the policy. */
export const PARSE_SCENARIO = {
  reportInput: true,
  error: () => 'This cannot stand here. Compare it with an example in scenarios/.',
} as const;

export type ScenarioFile = z.output<typeof ScenarioFileSchema>;
