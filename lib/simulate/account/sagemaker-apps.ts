import {
  CreateAppCommand,
  DeleteAppCommand,
  DescribeAppCommand,
  DescribeSpaceCommand,
  ListAppsCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { APP_KINDS, type AppKind, appId } from '../../fleet/sagemaker-studio-names.ts';
import type { Answers } from './answering.ts';
import { arnIn } from './sagemaker-arns.ts';
import { regionOf } from './sagemaker-keys.ts';
import type { MemoryApp } from './sagemaker-kinds.ts';
import { pageOf } from './sagemaker-pages.ts';
import { putApp } from './sagemaker-put.ts';
import { inUse, notFound } from './sagemaker-refusals.ts';
import { tagMap } from './sagemaker-tags.ts';
import type { AccountState } from './state.ts';

const STARTING_MS = 2 * 60_000;
const DELETING_MS = 60_000;
/** How long AWS still shows an app that was deleted. */
const SHOWN_MS = 24 * 3_600_000;

/** Studio apps of one region. */
export function answerApps(answers: Answers<SageMakerClient>, state: AccountState, region: string): void {
  const { apps, effects, restored, now } = state;
  const isShown = ({ deletedAt }: MemoryApp): boolean =>
    deletedAt === undefined || now().getTime() < deletedAt.getTime() + SHOWN_MS;
  const find = (asked: AppName): { readonly id: string; readonly one: MemoryApp } => {
    const id = idOf(asked);
    const one = id === undefined ? undefined : apps.get(id);
    if (id === undefined || one === undefined || regionOf(one) !== region || !isShown(one)) {
      throw notFound(`App ${asked.AppName} of type ${asked.AppType} does not exist.`);
    }
    return { id, one };
  };
  /** A space or user profile is known by an app of its, as long ago as that was. */
  const appOf = (domainId: string, owner: AppOwner): MemoryApp | undefined =>
    APP_KINDS.map((type) => apps.get(appId({ domainId, owner, type, name: 'default' }))).find(
      (one) => one !== undefined && regionOf(one) === region,
    );
  const ids = () => [...apps].filter(([, one]) => regionOf(one) === region && isShown(one)).map(([id]) => id);

  answers.on(ListAppsCommand, (input) => {
    const { items, more } = pageOf(state, input, ids);
    const { DomainIdEquals: domain, SpaceNameEquals: space, UserProfileNameEquals: user } = input;
    const found = items
      .flatMap((id) => apps.get(id) ?? [])
      .filter(
        (one) =>
          (domain === undefined || one.domain === domain) &&
          (space === undefined || one.space === space) &&
          (user === undefined || (one.space === '' && one.user === user)),
      );
    return { Apps: found.map((one) => describe(one, now())), ...more };
  });
  answers.on(DescribeAppCommand, (input) => {
    const { one } = find(input);
    const name = [one.domain, one.space === '' ? one.user : one.space, one.appType, one.app].join('/');
    return {
      ...describe(one, now()),
      AppArn: arnIn(state, region, 'app', name),
      ...(one.failure === undefined ? {} : { FailureReason: one.failure }),
    };
  });
  answers.on(DescribeSpaceCommand, ({ DomainId = '', SpaceName = '' }) => {
    const one = appOf(DomainId, { in: 'space', name: SpaceName });
    if (one === undefined) throw notFound(`Space ${SpaceName} does not exist.`);
    return {
      DomainId,
      SpaceName,
      Status: 'InService',
      ...(one.user === undefined ? {} : { OwnershipSettings: { OwnerUserProfileName: one.user } }),
    };
  });
  answers.on(DeleteAppCommand, (input) => {
    const { id, one } = find(input);
    const at = now();
    if (one.deletedAt !== undefined) throw notFound(`App ${one.app} of type ${one.appType} does not exist.`);
    putApp(state, id, { ...one, deletedAt: new Date(at.getTime() + DELETING_MS) });
    effects.push({ at, id });
    return {};
  });
  answers.on(CreateAppCommand, (input) => {
    const { ResourceSpec, Tags, DomainId = '', SpaceName, UserProfileName, AppName: app = '' } = input;
    const id = idOf(input);
    const owner = ownerOf(input);
    const before = id === undefined ? undefined : apps.get(id);
    const beside = before ?? (owner === undefined ? undefined : appOf(DomainId, owner));
    if (id === undefined || beside === undefined) {
      throw notFound(`${SpaceName === undefined ? 'User profile' : 'Space'} ${owner?.name} does not exist.`);
    }
    const at = now();
    if (before !== undefined && (before.deletedAt === undefined || before.deletedAt > at)) {
      throw inUse(`App ${app} of type ${before.appType} already exists.`);
    }
    const user = UserProfileName ?? beside.user;
    putApp(state, id, {
      type: ResourceSpec?.InstanceType ?? beside.type,
      tags: tagMap(Tags),
      // AWS keeps the time at which it was first created as long as it shows it.
      createdAt: before !== undefined && isShown(before) ? (before.createdAt ?? before.since) : at,
      since: new Date(at.getTime() + STARTING_MS),
      use: before?.use ?? (() => undefined),
      ...(before?.steadyUntil === undefined ? {} : { steadyUntil: before.steadyUntil }),
      region,
      domain: DomainId,
      space: SpaceName ?? '',
      ...(user === undefined ? {} : { user }),
      app,
      appType: input.AppType ?? '',
    });
    if (before !== undefined) restored.push({ at, id });
    return {};
  });
}

/** As the API names an app. */
interface AppName {
  readonly DomainId?: string | undefined;
  readonly SpaceName?: string | undefined;
  readonly UserProfileName?: string | undefined;
  readonly AppType?: string | undefined;
  readonly AppName?: string | undefined;
}

interface AppOwner {
  readonly in: 'space' | 'user-profile';
  readonly name: string;
}

function ownerOf({ SpaceName, UserProfileName }: AppName): AppOwner | undefined {
  if (SpaceName !== undefined) return { in: 'space', name: SpaceName };
  return UserProfileName === undefined ? undefined : { in: 'user-profile', name: UserProfileName };
}

/** `undefined` for apps of other kinds. */
function idOf(asked: AppName): string | undefined {
  const type: AppKind | undefined = APP_KINDS.find((one) => one === asked.AppType);
  const owner = ownerOf(asked);
  if (type === undefined || owner === undefined) return undefined;
  return appId({ domainId: asked.DomainId ?? '', owner, type, name: asked.AppName ?? '' });
}

const describe = (one: MemoryApp, now: Date): object => ({
  DomainId: one.domain,
  ...(one.space === '' ? { UserProfileName: one.user } : { SpaceName: one.space }),
  AppType: one.appType,
  AppName: one.app,
  Status: statusOf(one, now),
  CreationTime: one.createdAt ?? one.since,
  ...(one.type === UNKNOWN ? {} : { ResourceSpec: { InstanceType: one.type } }),
});

/** Of an app whose instance type nobody knows. */
const UNKNOWN = 'unknown';

function statusOf({ failure, deletedAt, since }: MemoryApp, now: Date): string {
  if (deletedAt !== undefined) return deletedAt > now ? 'Deleting' : 'Deleted';
  if (failure !== undefined) return 'Failed';
  return since > now ? 'Pending' : 'InService';
}
