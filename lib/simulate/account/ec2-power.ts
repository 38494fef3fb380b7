import { type Ec2Entry, ec2StateOf, stateAnswer } from './ec2-entry.ts';
import { refused, unknownInstances } from './ec2-errors.ts';
import { memberOf, replaceMember } from './ec2-members.ts';
import type { AccountState, KeptInstance } from './state.ts';

type Find = (id: string) => Ec2Entry | undefined;

/** What a call finds; one id that is refused refuses all, and nothing is done. */
function found(
  ids: readonly string[],
  find: Find,
  refusalOf: (one: Ec2Entry) => Error | undefined,
): readonly Ec2Entry[] {
  const missing = ids.filter((id) => find(id) === undefined);
  if (missing.length > 0) throw unknownInstances(missing);
  const all = [...new Set(ids)].flatMap((id) => find(id) ?? []);
  for (const one of all) {
    const refusal = refusalOf(one);
    if (refusal !== undefined) throw refusal;
  }
  return all;
}

const wrongState = (id: string, what: 'stopped' | 'started') =>
  refused('IncorrectInstanceState', `The instance '${id}' is not in a state from which it can be ${what}.`);

/** Why EC2 does not stop it, in the words of AWS as people have quoted them; `undefined` = it does. */
function stopRefusal(one: Ec2Entry, now: Date, hibernate: boolean): Error | undefined {
  const { id } = one;
  if (one.isProtected === true) {
    return refused(
      'OperationNotPermitted',
      `The instance '${id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    );
  }
  if (one.rootDevice === 'instance-store') {
    return refused(
      'UnsupportedOperation',
      `The instance '${id}' does not have an 'ebs' root device type and cannot be stopped.`,
    );
  }
  if (one.spot === true && !canStopSpot(one)) return oneTime(id);
  if (one.refusal !== undefined) {
    return refused(one.refusal, `The instance '${id}' cannot be stopped.`);
  }
  switch (ec2StateOf(one, now)) {
    case 'pending':
    case 'terminated':
      return wrongState(id, 'stopped');
    case 'running':
    case 'stopped':
      break;
  }
  return hibernate && one.hibernates !== true
    ? refused(
        'UnsupportedHibernationConfiguration',
        `The instance '${id}' is not configured for hibernation.`,
      )
    : undefined;
}

/** Only one of a persistent request that stands, and without a group (EC2 User Guide, "Stop a Spot Instance"). */
const canStopSpot = ({ request }: Ec2Entry): boolean =>
  request !== undefined &&
  request !== 'unknown' &&
  request.type === 'persistent' &&
  request.state !== 'cancelled' &&
  request.state !== 'closed' &&
  request.launchGroup === undefined;

const oneTime = (id: string) =>
  refused(
    'UnsupportedOperation',
    `You can't stop the Spot Instance '${id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
  );

/** What the calls that change an instance answer of it: how it was, and what it is on its way to. */
const change = (one: Ec2Entry, now: Date, to: 'stopping' | 'shutting-down' | 'pending') => {
  const before = ec2StateOf(one, now);
  const settled = { stopping: 'stopped', 'shutting-down': 'terminated', pending: 'running' } as const;
  const codes = { stopping: 64, 'shutting-down': 32, pending: 0 } as const;
  return {
    InstanceId: one.id,
    PreviousState: stateAnswer(before),
    CurrentState: before === settled[to] ? stateAnswer(before) : { Code: codes[to], Name: to },
  };
};

/** Stops, starts and ends; each takes effect at once, where AWS takes a minute. */
export function powerOf(state: AccountState, find: Find) {
  const { instances, effects, restored, now } = state;
  const takeDown = (one: KeptInstance, ended: boolean): void => {
    const at = now();
    if (memberOf(state, one.id) !== undefined) replaceMember(state, one.id);
    else instances.set(one.id, { ...one, stoppedAt: at, ...(ended ? { ended } : {}) });
    effects.push({ at, id: one.id });
  };
  return {
    stop: (ids: readonly string[], hibernate: boolean) => {
      const at = now();
      const all = found(ids, find, (one) => stopRefusal(one, at, hibernate));
      const StoppingInstances = all.map((one) => change(one, at, 'stopping'));
      for (const one of all) if (ec2StateOf(one, at) === 'running') takeDown(one, false);
      return { StoppingInstances };
    },
    terminate: (ids: readonly string[]) => {
      const at = now();
      const all = found(ids, find, ({ id, refusal, isTerminationProtected }) =>
        isTerminationProtected === true
          ? refused(
              'OperationNotPermitted',
              `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
            )
          : refusal === undefined
            ? undefined
            : refused(refusal, `The instance '${id}' cannot be ended.`),
      );
      const TerminatingInstances = all.map((one) => change(one, at, 'shutting-down'));
      for (const one of all) if (ec2StateOf(one, at) !== 'terminated') takeDown(one, true);
      return { TerminatingInstances };
    },
    start: (ids: readonly string[]) => {
      const at = now();
      const all = found(ids, find, (one) =>
        one.ended === true
          ? wrongState(one.id, 'started')
          : one.startRefusal === undefined
            ? undefined
            : refused(one.startRefusal, `The instance '${one.id}' cannot be started.`),
      );
      const StartingInstances = all.map((one) => change(one, at, 'pending'));
      for (const one of all) {
        const { stoppedAt, pendingUntil: _, ...running } = one;
        if (stoppedAt === undefined) continue;
        instances.set(one.id, { ...running, since: at });
        restored.push({ at, id: one.id });
      }
      return { StartingInstances };
    },
  };
}
