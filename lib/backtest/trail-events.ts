import { type CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { parseJsonDocument } from '../signals/json.ts';
import type { ResourceKind } from '../types/resource.ts';
import { createPace, type Pace } from './pace.ts';

/** A call that put a resource into service, or took it out of service. */
export interface TrailEvent {
  readonly kind: ResourceKind;
  /** As `Resource.id` of its kind. */
  readonly id: string;
  readonly at: Date;
  readonly runs: boolean;
}

/** What CloudTrail says of one region. */
export interface RegionTrail {
  readonly region: string;
  /** Newest first within one name of an event. */
  readonly events: readonly TrailEvent[];
  /** Kinds of which more happened than was read. */
  readonly cutShort: ReadonlySet<ResourceKind>;
}

/** LookupEvents: two requests a second in each region of an account, 50 events a page, events of 90 days. */
const REQUESTS_PER_SECOND = 1.8;
const PAGE = 50;
export const TRAIL_DAYS = 90;
/** Pages of one event name: two minutes of asking. */
const MOST_PAGES = 200;

const InstancesSchema = z.looseObject({
  instancesSet: z.looseObject({ items: z.array(z.looseObject({ instanceId: z.string().min(1) })) }),
});

const instances = (part: unknown): readonly string[] => {
  const parsed = InstancesSchema.safeParse(part);
  return parsed.success ? parsed.data.instancesSet.items.map(({ instanceId }) => instanceId) : [];
};

const named =
  (parameter: string) =>
  (request: unknown): readonly string[] => {
    const parsed = z.looseObject({ [parameter]: z.string().min(1) }).safeParse(request);
    const id = parsed.success ? parsed.data[parameter] : undefined;
    return typeof id === 'string' ? [id] : [];
  };

interface EventForm {
  readonly source: string;
  readonly kind: ResourceKind;
  readonly runs: boolean;
  readonly ids: (request: unknown, response: unknown) => readonly string[];
}

const EC2 = { source: 'ec2.amazonaws.com', kind: 'ec2-instance' };
const RDS = {
  source: 'rds.amazonaws.com',
  kind: 'rds-instance',
  // CloudTrail writes the names of parameters with a small first letter.
  ids: named('dBInstanceIdentifier'),
};
const NOTEBOOK = {
  source: 'sagemaker.amazonaws.com',
  kind: 'sagemaker-notebook',
  ids: named('notebookInstanceName'),
};
const ENDPOINT = {
  source: 'sagemaker.amazonaws.com',
  kind: 'sagemaker-endpoint',
  ids: named('endpointName'),
};

/** The calls by which things begin and end to run. RunInstances names what it made in its answer alone. */
const FORMS: Readonly<Record<string, EventForm>> = {
  RunInstances: { ...EC2, runs: true, ids: (_, response) => instances(response) },
  StartInstances: { ...EC2, runs: true, ids: instances },
  StopInstances: { ...EC2, runs: false, ids: instances },
  TerminateInstances: { ...EC2, runs: false, ids: instances },
  CreateDBInstance: { ...RDS, runs: true },
  StartDBInstance: { ...RDS, runs: true },
  StopDBInstance: { ...RDS, runs: false },
  DeleteDBInstance: { ...RDS, runs: false },
  CreateNotebookInstance: { ...NOTEBOOK, runs: true },
  StartNotebookInstance: { ...NOTEBOOK, runs: true },
  StopNotebookInstance: { ...NOTEBOOK, runs: false },
  DeleteNotebookInstance: { ...NOTEBOOK, runs: false },
  CreateEndpoint: { ...ENDPOINT, runs: true },
  DeleteEndpoint: { ...ENDPOINT, runs: false },
};

/**
 * Source: CloudTrail user guide, "CloudTrail record contents for management, data, and network activity events".
 */
const RecordSchema = z.looseObject({
  eventSource: z.string(),
  eventName: z.string(),
  eventTime: z.iso.datetime({ offset: true }),
  requestParameters: z.unknown().optional(),
  responseElements: z.unknown().optional(),
  errorCode: z.unknown().optional(),
});

/** What a record of CloudTrail says began or ended; nothing of calls that failed, and of what is no record. */
export function trailEvents(text: string): readonly TrailEvent[] {
  const json = parseJsonDocument(text);
  const parsed = RecordSchema.safeParse(json.json ? json.value : undefined);
  if (!parsed.success) return [];
  const { eventSource, eventName, eventTime, requestParameters, responseElements, errorCode } = parsed.data;
  if (errorCode !== undefined && errorCode !== null) return [];
  const form = Object.hasOwn(FORMS, eventName) ? FORMS[eventName] : undefined;
  if (form === undefined || form.source !== eventSource) return [];
  const { kind, runs } = form;
  const at = new Date(eventTime);
  return form.ids(requestParameters, responseElements).map((id) => ({ kind, id, at, runs }));
}

export interface TrailOptions {
  readonly from: Date;
  readonly to: Date;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number) => void;
  readonly pace?: Pace;
}

/**
 * Asks CloudTrail for each kind of event in the span, by its name. It keeps management events of 90 days without any
 * trail being set up. Events that come with a delay of up to 15 minutes may be missing of the very end.
 * @throws what CloudTrail answers, and what the signal was aborted with
 */
export async function readTrail(
  region: string,
  cloudtrail: CloudTrailClient,
  { from, to, signal, onProgress = () => {}, pace = createPace(REQUESTS_PER_SECOND) }: TrailOptions,
): Promise<RegionTrail> {
  const events: TrailEvent[] = [];
  const cutShort = new Set<ResourceKind>();
  const forms = Object.entries(FORMS);
  for (const [n, [name, { kind }]] of forms.entries()) {
    let token: string | undefined;
    let pages = 0;
    do {
      await pace(1, signal);
      signal?.throwIfAborted();
      const page = await cloudtrail.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }],
          StartTime: from,
          EndTime: to,
          MaxResults: PAGE,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
        signal === undefined ? {} : { abortSignal: signal },
      );
      for (const { CloudTrailEvent: text } of page.Events ?? []) events.push(...trailEvents(text ?? ''));
      token = page.NextToken === '' ? undefined : page.NextToken;
      pages += 1;
    } while (token !== undefined && pages < MOST_PAGES);
    if (token !== undefined) cutShort.add(kind);
    onProgress((n + 1) / forms.length);
  }
  return { region, events, cutShort };
}
