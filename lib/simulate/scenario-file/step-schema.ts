import * as z from 'zod';
import { needsOf, needsShape } from '../../gate/needs-schema.ts';
import { amount, choice, list, mapping, text, wholeNumber, written } from '../../policy/fields.ts';
import { FORMS } from '../../policy/forms.ts';
import { either, wrong } from '../../policy/words.ts';
import { moment, span } from './moments.ts';
import { committed, instanceType, tags } from './shared-schema.ts';

/*
 * What people, or AWS, do at a time: `at` and one verb.
 */

const RESOURCE_MEND = 'Name a resource by its id.';
const PROJECT_MEND = 'Name a project of the policy.';

const resource = text('resource', RESOURCE_MEND).describe('Id of a resource.');
const project = text('project', PROJECT_MEND).describe('A project of the policy.');
const by = written(
  'by',
  FORMS.slackId,
  'a Slack id',
  'Write the id of somebody whom the policy names, such as U012AB3CD; or leave it out.',
)
  .optional()
  .meta({
    description:
      'Slack id of who does it: an owner, a member, or somebody who may not. Absent = the first who may.',
    examples: ['U012AB3CD'],
  });

/** One id, or a list. */
const ids = (verb: string) =>
  z
    .union([text(verb, RESOURCE_MEND), list(verb, text('an id', RESOURCE_MEND), 'List ids of resources.')], {
      error: wrong(verb, 'an id, or a list of ids', RESOURCE_MEND),
    })
    .transform((names): readonly string[] => (typeof names === 'string' ? [names] : names))
    .optional();

/** AWS: up to 50 tags, and keys that begin with `aws:` are its own. */
const writtenTags = tags.superRefine((said, context) => {
  const keys = Object.keys(said);
  const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', path, message });
  if (keys.length === 0) refuse('No tag is written. Add one, such as { environment: prod }.');
  if (keys.length > 50) refuse('AWS writes up to 50 tags at once. Write fewer.');
  for (const key of keys.filter((one) => /^aws:/i.test(one))) {
    refuse('AWS alone writes tags that begin with aws:. Write another key.', key);
  }
});

const HOURS_OF_A_MONTH = 730;

const gate = mapping('`gate`', {
  project,
  committed,
  hours: wholeNumber('hours', 1, 8_784)
    .prefault(HOURS_OF_A_MONTH)
    .describe('For how many hours it would run; absent = 730, a month.'),
  launch: instanceType('launch').meta({
    description: 'The instance type that is asked for.',
    examples: ['ml.g5.12xlarge'],
  }),
  or: list('or', instanceType('or'), 'List instance types, such as [ml.g5.xlarge].')
    .optional()
    .describe('What would do instead, in the order of preference.'),
  needs: mapping('`needs`', {
    ...needsShape,
    gpus: needsShape.gpu.describe('The same as gpu.'),
  })
    .superRefine(({ gpu, gpus }, context) => {
      if (gpu === undefined || gpus === undefined) return;
      const message = '`gpus` says the same as `gpu`. Keep one of them.';
      context.addIssue({ code: 'custom', path: ['gpus'], message });
    })
    .transform(({ gpus, ...said }) => needsOf({ ...said, gpu: said.gpu ?? gpus }))
    .prefault({})
    .describe('What the job needs; absent = any will do.'),
});

const stepShape = {
  at: moment('at').meta({
    description: 'When: a time, or how long after the scenario begins.',
    examples: ['+2h30m', '2026-11-28T09:00Z'],
  }),
  start: ids('start').describe('Somebody starts it.'),
  stop: ids('stop').describe('Somebody stops it.'),
  terminate: ids('terminate').describe('Somebody terminates or deletes it.'),
  tag: mapping('`tag`', { resource, tags: writtenTags })
    .optional()
    .meta({
      description: 'Somebody tags it.',
      examples: [{ resource: 'chat', tags: { environment: 'prod' } }],
    }),
  keep: mapping('`keep`', {
    resource,
    for: span('for', '1m', '30d').meta({ description: 'For how long.', examples: ['2h'] }),
    by,
    presses: wholeNumber('presses', 1, 10)
      .prefault(1)
      .describe('How often the same button is pressed: all but the first change nothing.'),
  })
    .optional()
    .meta({
      description: 'Somebody presses “not now”.',
      examples: [{ resource: 'chat', for: '2h', by: 'U012AB3CD' }],
    }),
  restore: z
    .union(
      [
        text('restore', RESOURCE_MEND).transform((id) => ({ resource: id, by: undefined })),
        mapping('`restore`', { resource, by }),
      ],
      { error: wrong('restore', 'an id of a resource', RESOURCE_MEND) },
    )
    .optional()
    .meta({
      description: 'Somebody brings it back.',
      examples: ['chat', { resource: 'chat', by: 'U012AB3CD' }],
    }),
  release: mapping('`release`', { by })
    .optional()
    .meta({ description: 'Somebody releases what is held back.', examples: [{ by: 'U012AB3CD' }] }),
  unfreeze: z
    .union(
      [
        text('unfreeze', PROJECT_MEND).transform((name) => ({ project: name, by: undefined })),
        mapping('`unfreeze`', { project, by }),
      ],
      { error: wrong('unfreeze', 'a project', PROJECT_MEND) },
    )
    .optional()
    .meta({
      description: 'Somebody lets a frozen project launch again.',
      examples: ['nlp', { project: 'nlp', by: 'U012AB3CD' }],
    }),
  'budget-alert': mapping('`budget-alert`', {
    project,
    of: choice('of', 'a kind of spend', ['actual', 'forecasted'])
      .prefault('actual')
      .describe('Which spend AWS Budgets reports.'),
    amount: amount('amount', 'An alert of 0 USD tells nothing.').meta({
      description: 'What it says the project has spent, or will have.',
      examples: ['4200 USD'],
    }),
  })
    .optional()
    .meta({
      description: 'AWS Budgets alerts, and says so from then on.',
      examples: [{ project: 'nlp', of: 'actual', amount: '4200 USD' }],
    }),
  fault: mapping('`fault`', {
    what: choice('what', 'something that may be out', ['metrics', 'cost-explorer']).describe(
      'metrics: CloudWatch answers without data. cost-explorer: Cost Explorer refuses.',
    ),
    for: span('for', '1m', '366d').meta({ description: 'For how long.', examples: ['2h'] }),
  })
    .optional()
    .meta({ description: 'Something is out.', examples: [{ what: 'metrics', for: '2h' }] }),
  gate: gate.optional().meta({
    description: 'A pipeline asks whether a project may afford a launch.',
    examples: [{ project: 'nlp', committed: '3900 USD', launch: 'ml.g5.12xlarge', or: ['ml.g5.xlarge'] }],
  }),
} as const;

export const VERBS = [
  'start',
  'stop',
  'terminate',
  'tag',
  'keep',
  'restore',
  'release',
  'unfreeze',
  'budget-alert',
  'fault',
  'gate',
] as const satisfies readonly Exclude<keyof typeof stepShape, 'at'>[];

export const StepSchema = mapping('A step', stepShape)
  .superRefine((step, context) => {
    const [, second] = VERBS.filter((verb) => step[verb] !== undefined);
    if (second === undefined) return;
    const message = `One step does one thing. Put \`${second}\` into a step of its own.`;
    context.addIssue({ code: 'custom', path: [second], message });
  })
  .refine((step) => VERBS.some((verb) => step[verb] !== undefined), {
    // With another mistake in it, such as a misspelt verb, it may well do something.
    when: ({ issues }) => issues.length === 0,
    error: `This step does nothing. Add ${either(VERBS)}.`,
  })
  .meta({ title: 'Step', description: 'What people, or AWS, do at a time: `at`, and one verb.' });

export type StepForm = z.output<typeof StepSchema>;
