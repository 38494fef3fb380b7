import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeEndpointCommand } from '@aws-sdk/client-sagemaker';
import { errorCode } from '../fleet/aws-errors.ts';
import type { RegionClients } from '../fleet/clients.ts';
import { matchPolicy, type Policy } from '../policy/policy.ts';
import type { Actor, Fate } from './cast.ts';
import type { DeployedSweep } from './lambdas.ts';
import type { Play } from './play.ts';

/** A line of the table at the end. */
export interface Line {
  readonly actor: Actor;
  readonly policy: string;
  /** As AWS says it is now. */
  readonly state: string;
  /** What Bursar did last, by its ledger. */
  readonly done: string;
  /** In Bursar's own words. */
  readonly why: string;
  /** What is not as the policy says; empty = all is. */
  readonly wrong: readonly string[];
}

/** Compares what became of every resource with what the policy says, by asking AWS and the ledger. */
export async function verdicts(
  { stage, actors }: Play,
  policy: Policy,
  last: DeployedSweep,
): Promise<readonly Line[]> {
  const left = new Map(last.leftAlone.map((one) => [one.arn, one.why]));
  return Promise.all(
    actors.map(async (actor) => {
      const state = await stateOf(stage.clients, actor);
      const trail = await stage.ledger.audit({ arn: actor.arn });
      const done = trail.filter(({ event }) => event !== 'intended').at(-1);
      const stop = trail.findLast(({ event, decision }) => event === 'taken' && decision.action === 'stop');
      const decision = (stop ?? done)?.decision;
      const why = decision?.reason ?? left.get(actor.arn) ?? 'nothing is known of it';
      return {
        actor,
        policy:
          decision !== undefined && 'rule' in decision
            ? decision.rule.policy
            : (matchPolicy(policy, actor.role.tags)?.name ?? 'none'),
        state,
        done: decision?.action ?? 'left alone',
        why,
        wrong: wrongs(actor, state, [why, left.get(actor.arn) ?? ''].join(' ')),
      };
    }),
  );
}

const STATES: Readonly<Record<Fate, readonly string[]>> = {
  running: ['running', 'InService'],
  stopped: ['stopped', 'stopping'],
  'shut down': ['gone', 'Deleting'],
};

function wrongs({ role }: Actor, state: string, said: string): readonly string[] {
  return [
    ...(STATES[role.fate].includes(state) ? [] : [`it is ${state}, not ${role.fate}`]),
    ...(role.because.test(said) ? [] : [`the reason does not say ${role.because}`]),
  ];
}

async function stateOf({ ec2, sagemaker }: RegionClients, { role, id }: Actor): Promise<string> {
  if (role.what.kind === 'instance') {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name ?? 'unknown';
  }
  try {
    return (
      (await sagemaker.send(new DescribeEndpointCommand({ EndpointName: id }))).EndpointStatus ?? 'unknown'
    );
  } catch (error) {
    if (errorCode(error) === 'ValidationException') return 'gone';
    throw error;
  }
}
