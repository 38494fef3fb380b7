import {
  type AppDetails,
  type AppStatus,
  DescribeAppCommand,
  type DescribeAppResponse,
} from '@aws-sdk/client-sagemaker';
import type { ResourceState } from '../types/resource.ts';
import type { FleetContext } from './kind.ts';
import { isAbsent } from './sagemaker-attempt.ts';

/** The apps that people start and leave on. */
export const APP_KINDS = ['JupyterLab', 'CodeEditor', 'KernelGateway'] as const;
export type AppKind = (typeof APP_KINDS)[number];

/** What names an app: its ARN does not tell a space from a user profile. */
export interface AppKey {
  readonly domainId: string;
  readonly owner: { readonly in: 'space' | 'user-profile'; readonly name: string };
  readonly type: AppKind;
  readonly name: string;
}

const PLACES = { space: 'spaces', 'user-profile': 'users' } as const;

/** The id of the resource, such as `d-1a2b/spaces/anas-space/JupyterLab/default`. */
export const appId = ({ domainId, owner, type, name }: AppKey): string =>
  [domainId, PLACES[owner.in], owner.name, type, name].join('/');

/** Reads an id back; `undefined` where it is none. None of the names may hold a slash. */
export function namesOf(id: string): AppKey | undefined {
  const [domainId, place, owner, type, name, ...others] = id.split('/');
  const kind = APP_KINDS.find((one) => one === type);
  if (!domainId || !owner || kind === undefined || !name || others.length > 0) return undefined;
  if (place !== PLACES.space && place !== PLACES['user-profile']) return undefined;
  return {
    domainId,
    owner: { in: place === PLACES.space ? 'space' : 'user-profile', name: owner },
    type: kind,
    name,
  };
}

/** `undefined` for apps of other kinds. */
export function appKey(app: AppDetails): AppKey | undefined {
  const { DomainId: domainId, SpaceName: space, UserProfileName: user, AppName: name } = app;
  const type = APP_KINDS.find((one) => one === app.AppType);
  const owner = space ?? user;
  if (domainId === undefined || owner === undefined || type === undefined || name === undefined) {
    return undefined;
  }
  return { domainId, owner: { in: space === undefined ? 'user-profile' : 'space', name: owner }, type, name };
}

/** Its description, for 24 hours after its end as well; `undefined` where there is none. */
export async function findApp(
  { domainId, owner, type, name }: AppKey,
  { clients }: FleetContext,
): Promise<DescribeAppResponse | undefined> {
  try {
    return await clients.sagemaker.send(
      new DescribeAppCommand({
        DomainId: domainId,
        ...(owner.in === 'space' ? { SpaceName: owner.name } : { UserProfileName: owner.name }),
        AppType: type,
        AppName: name,
      }),
    );
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** `undefined` for what is gone. */
export function appState(status: AppStatus | undefined): ResourceState | undefined {
  switch (status) {
    case 'InService':
      return 'running';
    case 'Failed':
      return 'failed';
    case 'Pending':
    case 'Deleting':
      return 'transitional';
    case 'Deleted':
    case undefined:
      return undefined;
  }
}
