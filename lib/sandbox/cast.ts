import type { RegionClients } from '../fleet/clients.ts';
import { endpoint, group, instance, notebook, type Part, type Time, type Use } from './parts.ts';
import type { Tags } from './seed.ts';

/** What must have become of a resource at the end, by the policy in `play.yaml` and what people pressed. */
export type Fate = 'running' | 'stopped' | 'shut down' | 'scaled to zero' | 'kept' | 'brought back';

/** One resource of the play. */
export interface Role {
  /** For people: `recsys trainer`. */
  readonly title: string;
  readonly tags: Tags;
  readonly part: Part;
  /** What its metrics show: `before` the play's idle half hour, and `during` it. */
  readonly use: { readonly before: Use; readonly during: Use };
  readonly fate: Fate;
  /** What should be its reason: a pattern of the sentence that Bursar gives. */
  readonly because: RegExp;
}

const dev = (project: string, more: Tags = {}): Tags => ({ project, environment: 'dev', ...more });
const always = (use: Use) => ({ before: use, during: use });

/** A small fleet of several projects: production, development, untagged, exempt. */
export const CAST: readonly Role[] = [
  {
    title: 'recsys feature store',
    tags: dev('recsys', { owner: 'ana' }),
    part: instance('r5.2xlarge'),
    use: always('busy'),
    fate: 'stopped',
    because: /has spent \$12,480\.50 of its \$12,000\.00/,
  },
  {
    title: 'recsys ranker',
    tags: dev('recsys', { environment: 'staging' }),
    part: endpoint('recsys-ranker'),
    use: always('busy'),
    fate: 'shut down',
    because: /has spent \$12,480\.50 of its \$12,000\.00/,
  },
  {
    title: 'recsys production',
    tags: { project: 'recsys', environment: 'prod' },
    part: instance('m5.2xlarge'),
    use: always('busy'),
    fate: 'running',
    because: /idle: off/,
  },
  {
    title: 'recsys demo, kept',
    tags: dev('recsys', { 'bursar:keep-until': '2099-12-31' }),
    part: instance('m5.xlarge'),
    use: always('idle'),
    fate: 'running',
    because: /Kept until 2099-12-31/,
  },
  {
    title: 'fraud workstation',
    tags: dev('fraud-detection', { owner: 'ben' }),
    part: instance('c5.4xlarge'),
    use: { before: 'busy', during: 'idle' },
    fate: 'stopped',
    because: /stops after 30 min idle/,
  },
  {
    title: 'fraud GPU, forgotten',
    tags: dev('fraud-detection', { owner: 'ben' }),
    part: instance('g5.xlarge'),
    use: { before: 'gpu-busy', during: 'gpu-idle' },
    fate: 'stopped',
    because: /stops after 30 min idle/,
  },
  {
    title: 'fraud GPU, training',
    tags: dev('fraud-detection', { owner: 'cleo' }),
    part: instance('p3.2xlarge'),
    use: always('gpu-busy'),
    fate: 'running',
    because: /GPU was 95%|It was busy at/,
  },
  {
    title: 'fraud GPU, no agent',
    tags: dev('fraud-detection', { owner: 'cleo' }),
    part: instance('p3.8xlarge'),
    use: always('no-gpu-metric'),
    fate: 'running',
    because: /No metric shows the use of its accelerator/,
  },
  {
    title: 'fraud notebook',
    tags: dev('fraud-detection', { owner: 'ana' }),
    part: notebook('anas-notebook'),
    use: { before: 'busy', during: 'idle' },
    fate: 'kept',
    because: /Kept until .* by ana/,
  },
  {
    title: 'fraud scoring',
    tags: dev('fraud-detection'),
    part: endpoint('fraud-scoring'),
    use: { before: 'busy', during: 'idle' },
    fate: 'brought back',
    because: /olga \(Slack.*\) asked for it/,
  },
  {
    title: 'fraud workers',
    tags: dev('fraud-detection'),
    part: group('fraud-workers'),
    use: { before: 'busy', during: 'idle' },
    fate: 'scaled to zero',
    because: /stops after 30 min idle/,
  },
  {
    title: 'fraud node of a group',
    tags: dev('fraud-detection', { 'aws:autoscaling:groupName': 'fraud-batch' }),
    part: instance('m5.xlarge'),
    use: always('idle'),
    fate: 'running',
    because: /part of Auto Scaling group fraud-batch/,
  },
  {
    title: 'forecast production',
    tags: { project: 'demand-forecast', environment: 'prod' },
    part: instance('m5.2xlarge'),
    use: always('idle'),
    fate: 'running',
    because: /idle: off/,
  },
  {
    title: 'platform runner',
    tags: { project: 'ml-platform', environment: 'tools' },
    part: instance('m5.xlarge'),
    use: always('idle'),
    fate: 'running',
    because: /Idle from/,
  },
  {
    title: 'untagged box',
    tags: { Name: 'test-please-ignore' },
    part: instance('t3.medium'),
    use: always('idle'),
    fate: 'running',
    because: /It has no tag project/,
  },
];

/** What is launched in the course of the play. */
export const LATECOMERS = {
  training: {
    title: 'forecast training',
    tags: dev('demand-forecast', { owner: 'cleo' }),
    part: instance('p4d.24xlarge'),
    use: always('busy'),
    fate: 'stopped',
    because: /has spent an estimated \$1\d\.\d\d of its \$15\.00 for the day/,
  },
  another: {
    title: 'forecast training, again',
    tags: dev('demand-forecast', { owner: 'cleo' }),
    part: instance('p4d.24xlarge'),
    use: always('busy'),
    fate: 'stopped',
    because: /is frozen until/,
  },
  nameless: {
    title: 'untagged experiment',
    tags: {},
    part: instance('m5.large'),
    use: always('busy'),
    fate: 'running',
    because: /dora@example\.com/,
  },
} as const satisfies Readonly<Record<string, Role>>;

/** A role that is played by a resource. */
export interface Actor {
  readonly role: Role;
  readonly id: string;
  readonly arn: string;
}

/** Starts all resources of the play. */
export async function enterCast(clients: RegionClients): Promise<Actor[]> {
  const actors: Actor[] = [];
  for (const role of CAST) actors.push(await enterLate(clients, role));
  return actors;
}

/** Starts one resource more. */
export const enterLate = async (clients: RegionClients, role: Role): Promise<Actor> => ({
  role,
  ...(await role.part.enter(clients, role.tags)),
});

/** Writes what all actors do in a time into CloudWatch. */
export async function act(
  clients: RegionClients,
  actors: readonly Actor[],
  scene: keyof Role['use'],
  time: Time,
): Promise<void> {
  for (const { role, id } of actors) await role.part.act(clients, id, role.use[scene], time);
}
