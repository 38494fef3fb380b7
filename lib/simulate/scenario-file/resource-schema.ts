import type * as z from 'zod';
import { choice, mapping, onOff, region, wholeNumber, written } from '../../policy/fields.ts';
import type { ScenarioKind } from '../scenario.ts';
import { moment, span } from './moments.ts';
import { instanceType, TYPE_FORM, tags } from './shared-schema.ts';
import { UseSchema } from './use-schema.ts';

export const KINDS = [
  'ec2-instance',
  'auto-scaling-group',
  'rds-instance',
  'sagemaker-endpoint',
  'sagemaker-notebook',
  'sagemaker-training-job',
] as const satisfies readonly ScenarioKind[];

const ID_FORM = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,54}[A-Za-z0-9])?$/;
const ID_MEND = 'Use letters, digits and hyphens, up to 56 of them.';

/** The most that a scenario may hold: a fleet of more is no question of one account. */
export const MAX_RESOURCES = 20_000;

/** How the types of each kind begin; `''`: neither `ml.` nor `db.`. */
const PREFIX: Readonly<Record<ScenarioKind, '' | 'ml.' | 'db.'>> = {
  'ec2-instance': '',
  'auto-scaling-group': '',
  'rds-instance': 'db.',
  'sagemaker-endpoint': 'ml.',
  'sagemaker-notebook': 'ml.',
  'sagemaker-training-job': 'ml.',
};

const MANY: ReadonlySet<ScenarioKind> = new Set([
  'auto-scaling-group',
  'sagemaker-endpoint',
  'sagemaker-training-job',
]);

/** For messages: `An ec2-instance`, `A sagemaker-endpoint`. */
export const aKind = (kind: ScenarioKind): string => `${/^(?:[aeiou]|rds)/.test(kind) ? 'An' : 'A'} ${kind}`;

const resourceShape = {
  id: written('id', ID_FORM, 'an id', ID_MEND).meta({
    description: 'Its id or name; unique. With `count`, -1, -2 and so on are added.',
    examples: ['chat', 'trainer'],
  }),
  kind: choice('kind', 'a kind of resource', KINDS).describe('What it is.'),
  type: instanceType('type').meta({
    description: 'Its instance type, which must have a price.',
    examples: ['g5.xlarge', 'ml.p4d.24xlarge', 'db.m5.large'],
  }),
  region: region.optional().describe('AWS region; absent = the first that the policy watches.'),
  tags: tags.prefault({}),
  since: moment('since')
    .prefault('-7d')
    .meta({
      description:
        'In service since then: a time, or an offset from the beginning of the scenario. After the beginning, it is launched then.',
      examples: ['-7d', '+2h', '2026-11-02T08:00Z'],
    }),
  count: wholeNumber('count', 1, MAX_RESOURCES)
    .optional()
    .describe('So many alike: their ids end in -1, -2 and so on.'),
  jitter: span('jitter', '1m', '7d')
    .optional()
    .meta({
      description:
        'What each does comes later by an offset of its own, up to this long, which its id alone decides: big fleets do not act in step.',
      examples: ['2h'],
    }),
  instances: wholeNumber('instances', 1, 1_000)
    .optional()
    .describe('Instances of a group, an endpoint or a job; absent = 1.'),
  use: UseSchema.optional(),
  ends: moment('ends')
    .optional()
    .meta({ description: 'Of a job: when its work is done.', examples: ['+5h'] }),
  gpuMetric: onOff('gpuMetric')
    .prefault('on')
    .describe('off: no metric of its GPU is published, though it has one.'),
  spot: choice('spot', 'a kind of Spot request', ['one-time'])
    .optional()
    .describe('one-time: a Spot instance, which cannot be stopped, but only be terminated.'),
  stopProtection: onOff('stopProtection').prefault('off').describe('on: AWS refuses to stop it.'),
  vanishes: onOff('vanishes')
    .prefault('off')
    .describe('on: it is terminated between the sweep that finds it and the stop.'),
  restart: choice('restart', 'a way to come back', ['when-needed', 'never'])
    .prefault('when-needed')
    .describe(
      'when-needed: somebody starts it again when it is in use next, after it was stopped for being idle. never: nobody does.',
    ),
} as const;

export const ResourceSchema = mapping('A resource', resourceShape)
  .superRefine((resource, context) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    const { kind, type } = resource;
    const meant = PREFIX[kind] + type.replace(/^(?:ml|db)\./, '');
    if (meant !== type && TYPE_FORM.test(type))
      refuse('type', `${aKind(kind)} is not of the type ${type}. Write ${meant}.`);
    if (resource.instances !== undefined && !MANY.has(kind)) {
      refuse('instances', `${aKind(kind)} is one instance. Write \`count\` for several of them.`);
    }
    if (resource.ends !== undefined && kind !== 'sagemaker-training-job') {
      refuse(
        'ends',
        `${aKind(kind)} does not end by itself. Remove \`ends\`, or give it a step { terminate: … }.`,
      );
    }
    if (resource.use === undefined && kind !== 'sagemaker-training-job') {
      refuse(
        'use',
        '`use` is missing. Write idle, busy, or when it is what: [ { to: +8h, use: busy } ], then idle.',
      );
    }
    if (kind !== 'ec2-instance') {
      if (resource.spot !== undefined) refuse('spot', `${aKind(kind)} is no Spot instance. Remove \`spot\`.`);
      if (resource.stopProtection) {
        refuse('stopProtection', `${aKind(kind)} has no stop protection. Remove \`stopProtection\`.`);
      }
      if (resource.vanishes) refuse('vanishes', `${aKind(kind)} cannot vanish here. Remove \`vanishes\`.`);
    }
    if (resource.jitter !== undefined && resource.use === undefined) {
      refuse('jitter', '`jitter` moves what is said under `use`. Add `use`, or remove `jitter`.');
    }
  })
  .meta({ title: 'Resource', description: 'One resource, or with `count` several alike.' });

/** A resource as its file says. */
export type ResourceForm = z.output<typeof ResourceSchema>;
