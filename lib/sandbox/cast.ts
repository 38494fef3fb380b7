import { arnOf } from '../fleet/arn.ts';
import type { RegionClients } from '../fleet/clients.ts';
import { ACCOUNT, REGION } from './local-aws.ts';
import {
  BUSY,
  createEndpoint,
  IDLE,
  type InstanceUse,
  putEndpointUse,
  putInstanceUse,
  startInstance,
  type Tags,
} from './seed.ts';

/** What must have become of a resource at the end, by the policy in `bursar.yaml`. */
export type Fate = 'running' | 'stopped' | 'shut down';

/** One resource of the play. */
export interface Role {
  /** For people: `recsys trainer`. */
  readonly title: string;
  readonly tags: Tags;
  readonly what:
    | { readonly kind: 'instance'; readonly type: Parameters<typeof startInstance>[1]['type'] }
    | { readonly kind: 'endpoint'; readonly name: string };
  /** What its metrics show: `before` the play's idle half hour, and `during` it. */
  readonly use: { readonly before: Use; readonly during: Use };
  readonly fate: Fate;
  /** What should be its reason: a pattern of the sentence that Bursar gives. */
  readonly because: RegExp;
}

export type Use = 'busy' | 'idle' | 'gpu-busy' | 'gpu-idle' | 'no-gpu-metric';

/** Training on one GPU: the CPU all but sleeps. */
const USES: Readonly<Record<Use, InstanceUse>> = {
  busy: BUSY,
  idle: IDLE,
  'gpu-busy': { ...IDLE, cpu: 2, gpu: 95 },
  'gpu-idle': { ...IDLE, gpu: 0 },
  'no-gpu-metric': IDLE,
};

const dev = (project: string, more: Tags = {}): Tags => ({ project, environment: 'dev', ...more });
const always = (use: Use) => ({ before: use, during: use });

/** A small fleet of several projects: production, development, untagged, exempt. */
export const CAST: readonly Role[] = [
  {
    title: 'recsys feature store',
    tags: dev('recsys', { owner: 'ana' }),
    what: { kind: 'instance', type: 'r5.2xlarge' },
    use: always('busy'),
    fate: 'stopped',
    because: /has spent \$12,480\.50 of its \$12,000\.00/,
  },
  {
    title: 'recsys ranker',
    tags: dev('recsys', { environment: 'staging' }),
    what: { kind: 'endpoint', name: 'recsys-ranker' },
    use: always('busy'),
    fate: 'shut down',
    because: /has spent \$12,480\.50 of its \$12,000\.00/,
  },
  {
    title: 'recsys production',
    tags: { project: 'recsys', environment: 'prod' },
    what: { kind: 'instance', type: 'm5.2xlarge' },
    use: always('busy'),
    fate: 'running',
    because: /idle: off/,
  },
  {
    title: 'recsys demo, kept',
    tags: dev('recsys', { 'bursar:keep-until': '2099-12-31' }),
    what: { kind: 'instance', type: 'm5.xlarge' },
    use: always('idle'),
    fate: 'running',
    because: /Kept until 2099-12-31/,
  },
  {
    title: 'fraud notebook',
    tags: dev('fraud-detection', { owner: 'ben' }),
    what: { kind: 'instance', type: 'c5.4xlarge' },
    use: { before: 'busy', during: 'idle' },
    fate: 'stopped',
    because: /stops after 30 min idle/,
  },
  {
    title: 'fraud GPU, forgotten',
    tags: dev('fraud-detection', { owner: 'ben' }),
    what: { kind: 'instance', type: 'g5.xlarge' },
    use: { before: 'gpu-busy', during: 'gpu-idle' },
    fate: 'stopped',
    because: /stops after 30 min idle/,
  },
  {
    title: 'fraud GPU, training',
    tags: dev('fraud-detection', { owner: 'cleo' }),
    what: { kind: 'instance', type: 'p3.2xlarge' },
    use: always('gpu-busy'),
    fate: 'running',
    because: /GPU was 95%|It was busy at/,
  },
  {
    title: 'fraud GPU, no agent',
    tags: dev('fraud-detection', { owner: 'cleo' }),
    what: { kind: 'instance', type: 'p3.8xlarge' },
    use: always('no-gpu-metric'),
    fate: 'running',
    because: /No metric shows the use of its accelerator/,
  },
  {
    title: 'fraud scoring',
    tags: dev('fraud-detection'),
    what: { kind: 'endpoint', name: 'fraud-scoring' },
    use: { before: 'busy', during: 'idle' },
    fate: 'shut down',
    because: /stops after 30 min idle/,
  },
  {
    title: 'fraud node of a group',
    tags: dev('fraud-detection', { 'aws:autoscaling:groupName': 'fraud-workers' }),
    what: { kind: 'instance', type: 'm5.xlarge' },
    use: always('idle'),
    fate: 'running',
    because: /part of Auto Scaling group fraud-workers/,
  },
  {
    title: 'forecast production',
    tags: { project: 'demand-forecast', environment: 'prod' },
    what: { kind: 'instance', type: 'm5.2xlarge' },
    use: always('idle'),
    fate: 'running',
    because: /idle: off/,
  },
  {
    title: 'platform runner',
    tags: { project: 'ml-platform', environment: 'tools' },
    what: { kind: 'instance', type: 'm5.xlarge' },
    use: always('idle'),
    fate: 'running',
    because: /Idle from/,
  },
  {
    title: 'untagged box',
    tags: { Name: 'test-please-ignore' },
    what: { kind: 'instance', type: 't3.medium' },
    use: always('idle'),
    fate: 'running',
    because: /It has no tag project/,
  },
];

/** A role that is played by a resource. */
export interface Actor {
  readonly role: Role;
  readonly id: string;
  readonly arn: string;
}

/** Starts all resources of the play. */
export async function enterCast(clients: RegionClients): Promise<readonly Actor[]> {
  const actors: Actor[] = [];
  for (const role of CAST) {
    const { what, tags } = role;
    if (what.kind === 'instance') {
      const id = await startInstance(clients, { type: what.type, tags });
      actors.push({ role, id, arn: arnOf('ec2', REGION, ACCOUNT, `instance/${id}`) });
    } else {
      await createEndpoint(clients, { name: what.name, type: 'ml.m5.xlarge', tags });
      actors.push({ role, id: what.name, arn: arnOf('sagemaker', REGION, ACCOUNT, `endpoint/${what.name}`) });
    }
  }
  return actors;
}

/** Writes what all actors do from one time to another into CloudWatch. */
export async function act(
  clients: RegionClients,
  actors: readonly Actor[],
  scene: keyof Role['use'],
  from: Date,
  to: Date,
): Promise<void> {
  for (const { role, id } of actors) {
    const use = role.use[scene];
    if (role.what.kind === 'instance') {
      await putInstanceUse(clients, id, USES[use], from, to);
    } else {
      const invocations = use === 'busy' ? 240 : 0;
      await putEndpointUse(clients, id, { cpu: 3, invocations }, from, to);
    }
  }
}
