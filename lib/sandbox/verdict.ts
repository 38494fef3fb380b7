import { UNTAGGED } from '../decide/untagged.ts';
import { kindOf } from '../fleet/registry.ts';
import type { AuditEntry } from '../ledger/ledger.ts';
import { matchPolicy, type Policy, projectOf } from '../policy/policy.ts';
import type { Decision } from '../types/decision.ts';
import type { Actor, Fate } from './cast.ts';
import type { DeployedSweep } from './lambdas.ts';
import type { Play } from './play-acts.ts';

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
      const state = await actor.role.part.state(stage.clients, actor.id);
      const decision = telling(await stage.ledger.audit({ arn: actor.arn }))?.decision;
      const now = left.get(actor.arn);
      const why =
        (decision?.action === 'keep' ? now : undefined) ??
        decision?.reason ??
        now ??
        'nothing is known of it';
      return {
        actor,
        policy: decision !== undefined && 'rule' in decision ? decision.rule.policy : policyOf(policy, actor),
        state,
        done: decision === undefined ? 'left alone' : doneBy(decision),
        why,
        wrong: wrongs(actor, state, [why, now ?? ''].join(' ')),
      };
    }),
  );
}

/** What has no project is under no policy, whatever else its tags say. */
const policyOf = (policy: Policy, { role }: Actor): string =>
  projectOf(policy, role.tags) === undefined ? UNTAGGED : (matchPolicy(policy, role.tags)?.name ?? 'none');

/** The one that tells most of what became of it: the restore that somebody asked for, or else the stop, or else the last. */
function telling(trail: readonly AuditEntry[]): AuditEntry | undefined {
  const isOf = (wanted: string) => (entry: AuditEntry) =>
    entry.event === 'taken' && entry.decision.action === wanted;
  return (
    trail.find(isOf('restore')) ??
    trail.findLast(isOf('stop')) ??
    trail.findLast(({ event }) => event !== 'intended')
  );
}

/** In the words of the kind: an endpoint is shut down, a group scaled to zero. */
function doneBy(decision: Decision): string {
  switch (decision.action) {
    case 'stop':
      return kindOf(decision.target.kind)?.stopped ?? 'stopped';
    case 'restore':
      return kindOf(decision.target.kind)?.restored ?? 'restored';
    case 'keep':
      return 'kept';
    case 'warn':
      return 'warned';
    case 'tag':
      return 'tagged';
    default:
      return 'people told';
  }
}

const STATES: Readonly<Record<Fate, RegExp>> = {
  running: /^(running|InService)$/,
  kept: /^(running|InService)$/,
  'brought back': /^(running|InService)$/,
  stopped: /^(stopped|stopping)$/,
  'shut down': /^(gone|Deleting)$/,
  'scaled to zero': /^0 of/,
};

function wrongs({ role }: Actor, state: string, said: string): readonly string[] {
  return [
    ...(STATES[role.fate].test(state) ? [] : [`it is ${state}, not ${role.fate}`]),
    ...(role.because.test(said) ? [] : [`the reason does not say ${role.because}`]),
  ];
}
