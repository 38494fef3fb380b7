import * as z from 'zod';
import { arnOf } from '../fleet/arn.ts';

/** What SageMaker refuses a call with. */
export class SageMakerFault extends Error {
  override readonly name = 'SageMakerFault';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Answers one operation; `undefined` where it is none of what is kept here. @throws SageMakerFault */
export type SageMakerState = (operation: string, input: unknown) => object | undefined;

type Fields = Record<string, unknown>;

interface Kept {
  readonly arn: string;
  fields: Fields;
  tags: readonly Tag[];
}

const TagSchema = z.object({ Key: z.string(), Value: z.string() });
type Tag = z.infer<typeof TagSchema>;

/**
 * Studio spaces, user profiles and apps, inference components and jobs, in memory. Moto knows none of the first
 * four, and its jobs are over as soon as they are created. Everything is in service at once and ends at once.
 */
export function createSageMakerState(account: string, region: string, now: () => Date): SageMakerState {
  const kept = new Map<string, Kept>();
  const seconds = (): number => now().getTime() / 1000;

  const put = (resource: string, fields: Fields, tags: readonly Tag[]): Kept => {
    const arn = arnOf('sagemaker', region, account, resource);
    const before = kept.get(arn);
    const time = seconds();
    const entry = {
      arn,
      // An app that comes back keeps the time it was first created at, as on AWS for 24 hours.
      fields: { CreationTime: before?.fields.CreationTime ?? time, LastModifiedTime: time, ...fields },
      tags,
    };
    kept.set(arn, entry);
    return entry;
  };
  const find = (resource: string): Kept => {
    const entry = kept.get(arnOf('sagemaker', region, account, resource));
    if (entry === undefined) throw new SageMakerFault('ResourceNotFound', `${resource} does not exist.`);
    return entry;
  };
  const all = (prefix: string): readonly Fields[] => {
    const start = arnOf('sagemaker', region, account, prefix);
    return [...kept.values()].flatMap(({ arn, fields }) => (arn.startsWith(start) ? [fields] : []));
  };

  /** `undefined` for what moto keeps. */
  const tagged = (arn: string): Kept | undefined => {
    const resource = arn.split(':').at(-1) ?? '';
    return OWN.has(resource.split('/')[0] ?? '') ? find(resource) : undefined;
  };

  const operations: Readonly<Record<string, (input: unknown) => object | undefined>> = {
    CreateUserProfile: (input) => {
      const { Tags, ...one } = UserProfileSchema.parse(input);
      const { arn } = put(`user-profile/${one.DomainId}/${one.UserProfileName}`, one, Tags);
      return { UserProfileArn: arn };
    },
    CreateSpace: (input) => {
      const { Tags, ...one } = SpaceSchema.parse(input);
      const { arn } = put(`space/${one.DomainId}/${one.SpaceName}`, { ...one, Status: 'InService' }, Tags);
      return { SpaceArn: arn };
    },
    DescribeSpace: (input) => {
      const { DomainId, SpaceName } = SpaceSchema.parse(input);
      const { arn, fields } = find(`space/${DomainId}/${SpaceName}`);
      return { ...fields, SpaceArn: arn };
    },
    CreateApp: (input) => {
      const { Tags, ...app } = AppSchema.parse(input);
      const owner =
        app.SpaceName === undefined
          ? `user-profile/${app.DomainId}/${app.UserProfileName}`
          : `space/${app.DomainId}/${app.SpaceName}`;
      find(owner);
      const known = kept.get(arnOf('sagemaker', region, account, appResource(app)));
      if (known !== undefined && known.fields.Status !== 'Deleted') {
        throw new SageMakerFault('ResourceInUse', `App ${app.AppName} exists already.`);
      }
      return { AppArn: put(appResource(app), { ...app, Status: 'InService' }, Tags).arn };
    },
    DescribeApp: (input) => {
      const { arn, fields } = find(appResource(AppSchema.parse(input)));
      return { ...fields, AppArn: arn };
    },
    DeleteApp: (input) => {
      const app = find(appResource(AppSchema.parse(input)));
      app.fields = { ...app.fields, Status: 'Deleted' };
      return {};
    },
    ListApps: (input) => {
      const { DomainIdEquals, ...page } = ListAppsSchema.parse(input);
      const apps = all('app/').filter(
        ({ DomainId }) => DomainIdEquals === undefined || DomainId === DomainIdEquals,
      );
      return paged('Apps', apps, page);
    },
    CreateInferenceComponent: (input) => {
      const { Tags, RuntimeConfig, ...one } = ComponentSchema.parse(input);
      const { arn } = put(
        `inference-component/${one.InferenceComponentName}`,
        {
          ...one,
          EndpointArn: arnOf('sagemaker', region, account, `endpoint/${one.EndpointName}`),
          InferenceComponentStatus: 'InService',
          RuntimeConfig: copies(RuntimeConfig.CopyCount),
        },
        Tags,
      );
      return { InferenceComponentArn: arn };
    },
    DescribeInferenceComponent: (input) => {
      const { InferenceComponentName } = ComponentNameSchema.parse(input);
      const { arn, fields } = find(`inference-component/${InferenceComponentName}`);
      return { ...fields, InferenceComponentArn: arn };
    },
    UpdateInferenceComponentRuntimeConfig: (input) => {
      const { InferenceComponentName, DesiredRuntimeConfig } = ComponentCopiesSchema.parse(input);
      const component = find(`inference-component/${InferenceComponentName}`);
      component.fields = {
        ...component.fields,
        LastModifiedTime: seconds(),
        RuntimeConfig: copies(DesiredRuntimeConfig.CopyCount),
      };
      return { InferenceComponentArn: component.arn };
    },
    DeleteInferenceComponent: (input) => {
      const { InferenceComponentName } = ComponentNameSchema.parse(input);
      kept.delete(find(`inference-component/${InferenceComponentName}`).arn);
      return {};
    },
    ListInferenceComponents: (input) => {
      const { EndpointNameEquals, VariantNameEquals, ...page } = ListComponentsSchema.parse(input);
      const components = all('inference-component/').filter(
        ({ EndpointName, VariantName }) =>
          (EndpointNameEquals === undefined || EndpointName === EndpointNameEquals) &&
          (VariantNameEquals === undefined || VariantName === VariantNameEquals),
      );
      return paged('InferenceComponents', components, page);
    },
    ...jobOperations('Training', 'training-job'),
    ...jobOperations('Processing', 'processing-job'),
    ListTags: (input) => {
      const entry = tagged(ArnSchema.parse(input).ResourceArn);
      return entry === undefined ? undefined : { Tags: entry.tags };
    },
    AddTags: (input) => {
      const { ResourceArn, Tags } = AddTagsSchema.parse(input);
      const entry = tagged(ResourceArn);
      if (entry === undefined) return undefined;
      const names = new Set(Tags.map(({ Key }) => Key));
      entry.tags = [...entry.tags.filter(({ Key }) => !names.has(Key)), ...Tags];
      return { Tags: entry.tags };
    },
  };

  function jobOperations(what: 'Training' | 'Processing', resource: string) {
    const [name, arnOfJob, status] = [`${what}JobName`, `${what}JobArn`, `${what}JobStatus`];
    const named = (input: unknown): Kept =>
      find(`${resource}/${z.looseObject({ [name]: z.string() }).parse(input)[name]}`);
    return {
      [`Create${what}Job`]: (input: unknown) => {
        const { Tags, ...job } = JobSchema.parse(input);
        const one = `${resource}/${z.string().parse(job[name])}`;
        if (kept.has(arnOf('sagemaker', region, account, one))) {
          throw new SageMakerFault('ResourceInUse', `Job name must be unique: ${one} exists already.`);
        }
        const running = { [status]: 'InProgress', [`${what}StartTime`]: seconds() };
        const secondary = what === 'Training' ? { SecondaryStatus: 'Training' } : {};
        return { [arnOfJob]: put(one, { ...job, ...running, ...secondary }, Tags).arn };
      },
      [`Describe${what}Job`]: (input: unknown) => {
        const { arn, fields } = named(input);
        return { ...fields, [arnOfJob]: arn };
      },
      [`Stop${what}Job`]: (input: unknown) => {
        const job = named(input);
        const before = String(job.fields[status]);
        if (before !== 'InProgress') {
          const which = what.toLowerCase();
          throw new SageMakerFault(
            'ValidationException',
            `The request was rejected because the ${which} job is in status ${before}.`,
          );
        }
        job.fields = { ...job.fields, [status]: 'Stopped', [`${what}EndTime`]: seconds() };
        return {};
      },
      [`List${what}Jobs`]: (input: unknown) => {
        const { StatusEquals, ...page } = ListJobsSchema.parse(input);
        const jobs = all(`${resource}/`).filter(
          (job) => StatusEquals === undefined || job[status] === StatusEquals,
        );
        return paged(`${what}JobSummaries`, jobs, page);
      },
    };
  }

  return (operation, input) =>
    Object.hasOwn(operations, operation) ? operations[operation]?.(input) : undefined;
}

/** The types of resources that are kept here. */
const OWN: ReadonlySet<string> = new Set([
  'user-profile',
  'space',
  'app',
  'inference-component',
  'training-job',
  'processing-job',
]);

interface AppName {
  readonly DomainId: string;
  readonly UserProfileName?: string | undefined;
  readonly SpaceName?: string | undefined;
  readonly AppType: string;
  readonly AppName: string;
}

/** As on AWS, nothing in the ARN tells a space from a user profile. */
const appResource = (app: AppName): string =>
  `app/${app.DomainId}/${app.SpaceName ?? app.UserProfileName}/${app.AppType}/${app.AppName}`;

const copies = (count: number) => ({ DesiredCopyCount: count, CurrentCopyCount: count });

function paged(key: string, items: readonly Fields[], { MaxResults, NextToken }: z.infer<typeof PageSchema>) {
  const from = Number(NextToken ?? 0);
  const to = from + MaxResults;
  return { [key]: items.slice(from, to), ...(to < items.length ? { NextToken: String(to) } : {}) };
}

const Tags = z.array(TagSchema).default([]);
const UserProfileSchema = z.looseObject({ DomainId: z.string(), UserProfileName: z.string(), Tags });
const SpaceSchema = z.looseObject({ DomainId: z.string(), SpaceName: z.string(), Tags });
const AppSchema = z.looseObject({
  DomainId: z.string(),
  UserProfileName: z.string().optional(),
  SpaceName: z.string().optional(),
  AppType: z.string(),
  AppName: z.string(),
  Tags,
});
const ComponentNameSchema = z.object({ InferenceComponentName: z.string() });
const ComponentSchema = z.looseObject({
  InferenceComponentName: z.string(),
  EndpointName: z.string(),
  RuntimeConfig: z.object({ CopyCount: z.number() }).default({ CopyCount: 1 }),
  Tags,
});
const ComponentCopiesSchema = z.object({
  InferenceComponentName: z.string(),
  DesiredRuntimeConfig: z.object({ CopyCount: z.number() }),
});
const JobSchema = z.looseObject({ Tags });
const ArnSchema = z.object({ ResourceArn: z.string() });
const AddTagsSchema = z.object({ ResourceArn: z.string(), Tags: z.array(TagSchema) });
/** 10 a page unless asked for more, as AWS does for each of these lists. */
const PageSchema = z.object({ MaxResults: z.number().default(10), NextToken: z.string().optional() });
const ListAppsSchema = PageSchema.extend({ DomainIdEquals: z.string().optional() });
const ListComponentsSchema = PageSchema.extend({
  EndpointNameEquals: z.string().optional(),
  VariantNameEquals: z.string().optional(),
});
const ListJobsSchema = PageSchema.extend({ StatusEquals: z.string().optional() });
