import * as z from 'zod';
import { parseUsd, percentOf, usdToDecimal } from '../types/money.ts';
import { forward } from './forward.ts';
import { type LoopbackAnswer, type LoopbackRequest, type LoopbackServer, serveLoopback } from './loopback.ts';
import { LISTED_PRICES } from './pricing-stub.ts';

/**
 * What is wrong with an instance. `stop-protected`: `disableApiStop` is on. `one-time-spot`: a Spot instance of a
 * one-time request. `gone`: it was ended, and EC2, which is eventually consistent, still describes it.
 */
const InstanceFaultSchema = z.object({
  fault: z.enum(['stop-protected', 'one-time-spot', 'gone']),
  /** False = nothing but the refusal tells of it, as where it became so between a look and the stop. */
  shown: z.boolean().default(true),
});
type InstanceFault = z.output<typeof InstanceFaultSchema>;

const FaultsSchema = z.object({
  /** By instance id. */
  instances: z.record(z.string(), InstanceFaultSchema).default({}),
  /** By action: so many of its next calls are throttled. */
  throttle: z.record(z.string(), z.number().int().nonnegative()).default({}),
});
export type Ec2Faults = z.input<typeof FaultsSchema>;

const FAULTS_PATH = '/_front/faults';
const CLOCK_PATH = '/_front/clock';

/**
 * Has the front at `url` say of what is started from now on, for the first time or again, that it was launched at the
 * present time of this clock, so many milliseconds ahead of the machine's; `undefined`: as MiniStack says it.
 */
export async function setEc2Clock(url: string, aheadMs: number | undefined): Promise<void> {
  const { ok, status } = await fetch(`${url}${CLOCK_PATH}`, {
    method: 'PUT',
    body: JSON.stringify({ aheadMs }),
  });
  if (!ok) throw new Error(`The EC2 front answered ${status}.`);
}

const ClockSchema = z.object({ aheadMs: z.number().optional() });

/** Tells the front at `url` what is wrong from now on; what it was told before is forgotten. */
export async function setEc2Faults(url: string, faults: Ec2Faults): Promise<void> {
  const { ok, status } = await fetch(`${url}${FAULTS_PATH}`, { method: 'PUT', body: JSON.stringify(faults) });
  if (!ok) throw new Error(`The EC2 front answered ${status}.`);
}

/**
 * An EC2 on loopback: forwards everything to MiniStack, which is kinder than AWS and stops whatever it is asked to. Of
 * the instances that it was told of by `setEc2Faults` it answers as AWS does; it honours the filter `instance-id` of
 * DescribeInstances, which MiniStack ignores; it has Spot prices; it tells `onStateChange` what EC2 tells EventBridge;
 * and it dates launches by another clock where `setEc2Clock` says so.
 */
export function startEc2Front(
  ministack: string,
  onStateChange: (change: StateChange) => void = () => undefined,
): Promise<LoopbackServer> {
  let faults = FaultsSchema.parse({});
  let { aheadMs } = ClockSchema.parse({});
  /** By instance id, where MiniStack's own date does not count. */
  const launched = new Map<string, string>();
  return serveLoopback(async (request) => {
    if (request.path === CLOCK_PATH) {
      ({ aheadMs } = ClockSchema.parse(JSON.parse(request.body)));
      return { status: 204, body: '' };
    }
    if (request.path === FAULTS_PATH) {
      faults = FaultsSchema.parse(JSON.parse(request.body));
      return { status: 204, body: '' };
    }
    const asked = new URLSearchParams(request.body);
    const action = asked.get('Action') ?? '';
    const throttled = faults.throttle[action] ?? 0;
    if (throttled > 0) {
      faults.throttle[action] = throttled - 1;
      return refusal({ status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' });
    }
    const refused = listOf(asked, 'InstanceId').flatMap((id) => {
      const fault = faults.instances[id];
      return fault === undefined ? [] : (refusalOf(action, id, fault) ?? []);
    });
    // One id that is refused refuses the whole call.
    const [first] = refused;
    if (first !== undefined) return refusal(first);
    const own = ownAnswer(action, asked, faults.instances, regionOf(request));
    if (own !== undefined) return own;
    const answer = await forward(request, ministack);
    const changed = answer.status === 200 && action in STATES ? instancesOf(answer.body) : [];
    // MiniStack leaves the date of one that is started once more, which AWS changes.
    if ((action === 'RunInstances' || action === 'StartInstances') && aheadMs !== undefined) {
      for (const id of changed) launched.set(id, new Date(Date.now() + aheadMs).toISOString());
    }
    const region = regionOf(request);
    for (const state of STATES[action] ?? []) {
      for (const id of changed) onStateChange({ region, id, state });
    }
    return action === 'DescribeInstances'
      ? { ...answer, body: dated(markSpot(filtered(answer.body, asked), faults.instances), launched) }
      : answer;
  });
}

/** As it was signed for. */
function regionOf({ headers }: LoopbackRequest): string {
  const [, region = ''] = /Credential=[^/]*\/[^/]*\/([^/]*)\//.exec(headers.authorization ?? '') ?? [];
  return region;
}

/** The states that an instance comes into by an action, MiniStack's without delay. */
const STATES: Readonly<Record<string, readonly string[]>> = {
  RunInstances: ['pending', 'running'],
  StartInstances: ['pending', 'running'],
  StopInstances: ['stopping', 'stopped'],
  TerminateInstances: ['shutting-down', 'terminated'],
};

const instancesOf = (body: string): ReadonlySet<string> =>
  new Set([...body.matchAll(/<instanceId>([^<]+)</g)].map(([, id = '']) => id));

/** An instance that came into another state, as EC2 says it. */
export interface StateChange {
  readonly region: string;
  readonly id: string;
  readonly state: string;
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** In the words of AWS, as people have quoted them; `undefined` where it would do what is asked. */
function refusalOf(action: string, id: string, { fault }: InstanceFault): Refusal | undefined {
  const refused = (code: string, message: string): Refusal => ({ status: 400, code, message });
  switch (fault) {
    case 'stop-protected':
      return action === 'StopInstances'
        ? refused(
            'OperationNotPermitted',
            `The instance '${id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
          )
        : undefined;
    case 'one-time-spot':
      return action === 'StopInstances'
        ? refused(
            'UnsupportedOperation',
            `You can't stop the Spot Instance '${id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
          )
        : undefined;
    case 'gone':
      return ['StopInstances', 'StartInstances', 'TerminateInstances'].includes(action)
        ? refused('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
        : undefined;
  }
}

type Instances = Readonly<Record<string, InstanceFault>>;

/** What MiniStack knows nothing of. */
function ownAnswer(
  action: string,
  asked: URLSearchParams,
  instances: Instances,
  region: string,
): LoopbackAnswer | undefined {
  const has = (id: string, fault: InstanceFault['fault']): boolean =>
    instances[id]?.fault === fault && instances[id].shown;
  switch (action) {
    case 'DescribeInstanceAttribute': {
      const id = asked.get('InstanceId') ?? '';
      const isStop = asked.get('Attribute') === 'disableApiStop';
      if (!isStop || !has(id, 'stop-protected')) return undefined;
      return xml(
        action,
        `<instanceId>${id}</instanceId><disableApiStop><value>true</value></disableApiStop>`,
      );
    }
    case 'DescribeSpotInstanceRequests': {
      const wanted = filterOf(asked, 'spot-instance-request-id');
      const items = Object.keys(instances)
        .filter((id) => has(id, 'one-time-spot') && (wanted?.includes(requestOf(id)) ?? true))
        .map(
          (id) =>
            `<item><spotInstanceRequestId>${requestOf(id)}</spotInstanceRequestId><type>one-time</type>` +
            `<state>active</state><instanceId>${id}</instanceId></item>`,
        );
      return xml(action, `<spotInstanceRequestSet>${items.join('')}</spotInstanceRequestSet>`);
    }
    case 'DescribeSpotPriceHistory':
      return xml(action, `<spotPriceHistorySet>${spotPrices(asked, region).join('')}</spotPriceHistorySet>`);
    default:
      return undefined;
  }
}

/** A Spot instance costs so many percent of the list price here, in every zone and at all times. */
const SPOT_PERCENT = 40;

/**
 * One price for each type, zone and product that the question names, in two zones where it names none; none for a type
 * without a list price.
 */
function spotPrices(asked: URLSearchParams, region: string): readonly string[] {
  const [product = ''] = listOf(asked, 'ProductDescription');
  return (filterOf(asked, 'instance-type') ?? []).flatMap((type) =>
    (filterOf(asked, 'availability-zone') ?? [`${region}a`, `${region}b`]).flatMap((zone) => {
      const listed = Object.hasOwn(LISTED_PRICES, type) ? parseUsd(LISTED_PRICES[type] ?? '') : undefined;
      if (listed === undefined) return [];
      const price = usdToDecimal(percentOf(listed, SPOT_PERCENT));
      return (
        `<item><instanceType>${type}</instanceType><productDescription>${product}</productDescription>` +
        `<spotPrice>${price}</spotPrice><timestamp>2026-01-01T00:00:00.000Z</timestamp>` +
        `<availabilityZone>${zone}</availabilityZone></item>`
      );
    }),
  );
}

/** `sir-` and eight characters, as AWS makes them. */
const requestOf = (id: string): string => `sir-${id.slice(-8)}`;

/** Gives the instances the marks of a Spot instance. */
function markSpot(body: string, instances: Instances): string {
  let marked = body;
  for (const [id, { fault, shown }] of Object.entries(instances)) {
    if (fault !== 'one-time-spot' || !shown) continue;
    const element = `<instanceId>${id}</instanceId>`;
    marked = marked.replace(
      element,
      `${element}<instanceLifecycle>spot</instanceLifecycle><spotInstanceRequestId>${requestOf(id)}</spotInstanceRequestId>`,
    );
  }
  return marked;
}

/** Gives the instances their launch times. */
function dated(body: string, launched: ReadonlyMap<string, string>): string {
  let own = body;
  for (const [id, at] of launched) {
    own = own.replace(
      new RegExp(`(<instanceId>${id}</instanceId>[\\s\\S]*?<launchTime>)[^<]*`),
      (_, before) => `${before}${at}`,
    );
  }
  return own;
}

/** Leaves out what the filter `instance-id` does not name; MiniStack gives each instance a reservation of its own. */
function filtered(body: string, asked: URLSearchParams): string {
  const wanted = filterOf(asked, 'instance-id');
  if (wanted === undefined) return body;
  return body.replace(/(<reservationSet>)([\s\S]*)(<\/reservationSet>)/, (_, open, reservations, close) =>
    [
      open,
      ...String(reservations)
        .split(/(?=<item>\s*<reservationId>)/)
        .filter((one) => wanted.includes(/<instanceId>([^<]+)</.exec(one)?.[1] ?? '')),
      close,
    ].join(''),
  );
}

/** The values of `<name>.1`, `<name>.2`, … of the query protocol. */
function listOf(asked: URLSearchParams, name: string): readonly string[] {
  const values: string[] = [];
  for (let n = 1; ; n += 1) {
    const value = asked.get(`${name}.${n}`);
    if (value === null) return values;
    values.push(value);
  }
}

/** The values of a filter; `undefined` where it is not asked for. */
function filterOf(asked: URLSearchParams, name: string): readonly string[] | undefined {
  for (let n = 1; ; n += 1) {
    const found = asked.get(`Filter.${n}.Name`);
    if (found === null) return undefined;
    if (found === name) return listOf(asked, `Filter.${n}.Value`);
  }
}

const XML = { 'content-type': 'text/xml;charset=UTF-8' };

const xml = (action: string, inner: string): LoopbackAnswer => ({
  status: 200,
  headers: XML,
  body: `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>front</requestId>${inner}</${action}Response>`,
});

const refusal = ({ status, code, message }: Refusal): LoopbackAnswer => ({
  status,
  headers: XML,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>front</RequestID></Response>`,
});
