import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

/** An instance that came into another state, as EC2 says it. */
export interface StateChange {
  readonly region: string;
  readonly id: string;
  readonly state: string;
}

/** Puts on the event bus of a region what AWS puts there by itself, which MiniStack does not. */
export interface StateEvents {
  /** What time the events are of; the machine's until told otherwise. */
  readonly setClock: (now: () => Date) => void;
  readonly tell: (change: StateChange) => Promise<void>;
}

/** `account` of 12 digits. @throws where the bus at `endpoint` takes an event not */
export function createStateEvents(endpoint: string, account: string): StateEvents {
  let clock = (): Date => new Date();
  const clients = new Map<string, EventBridgeClient>();
  const clientOf = (region: string): EventBridgeClient => {
    const known = clients.get(region);
    if (known !== undefined) return known;
    const credentials = { accessKeyId: account, secretAccessKey: 'sandbox' };
    const client = new EventBridgeClient({ region, endpoint, credentials });
    clients.set(region, client);
    return client;
  };
  return {
    setClock: (now) => {
      clock = now;
    },
    tell: async ({ region, id, state }) => {
      const { FailedEntryCount } = await clientOf(region).send(
        new PutEventsCommand({
          Entries: [
            {
              Source: 'aws.ec2',
              DetailType: 'EC2 Instance State-change Notification',
              Time: clock(),
              Resources: [`arn:aws:ec2:${region}:${account}:instance/${id}`],
              Detail: JSON.stringify({ 'instance-id': id, state }),
            },
          ],
        }),
      );
      if (FailedEntryCount !== 0) throw new Error(`The event bus of ${region} took the event of ${id} not.`);
    },
  };
}
