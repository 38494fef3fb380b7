import { DescribeSpaceCommand } from '@aws-sdk/client-sagemaker';
import type { Resource } from '../types/resource.ts';
import { arnOf } from './arn.ts';
import type { FleetContext } from './kind.ts';
import { isAbsent } from './sagemaker-attempt.ts';
import type { AppKey } from './sagemaker-studio-names.ts';
import { tagsOf } from './sagemaker-tags.ts';

/** The tags that count for an app. */
export type TagReader = (arn: string, key: AppKey) => Promise<Resource['tags']>;

/**
 * An app starts with the tags that its domain and user profile have at that moment, and with those of its space where
 * the domain has `TagPropagation` on; what is tagged later reaches the next start alone. So an app counts as tagged by
 * its domain, overruled by its user profile (of a private space, the owner's), its space and its own tags.
 * Each of those is read once for all apps that share it.
 */
export function createTagReader(context: FleetContext): TagReader {
  const once = memoized((arn: string) => tagsIfAny(arn, context));
  const owners = memoized((space: string) => ownerOf(space, context));
  const arn = (resource: string) => arnOf('sagemaker', context.region, context.account, resource);
  return async (appArn, { domainId, owner }) => {
    const space = owner.in === 'space' ? `${domainId}/${owner.name}` : undefined;
    const user = space === undefined ? owner.name : await owners(space);
    const [domain, profile, shared, own] = await Promise.all([
      once(arn(`domain/${domainId}`)),
      user === undefined ? {} : once(arn(`user-profile/${domainId}/${user}`)),
      space === undefined ? {} : once(arn(`space/${space}`)),
      tagsIfAny(appArn, context),
    ]);
    return { ...domain, ...profile, ...shared, ...own };
  };
}

/** The tags that people gave the app itself, or that it took over at its start; without those that AWS keeps. */
export async function ownTagsOf(appArn: string, context: FleetContext): Promise<Resource['tags']> {
  const tags = await tagsOf(appArn, context);
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^(?:aws|sagemaker):/i.test(key)));
}

async function tagsIfAny(arn: string, context: FleetContext): Promise<Resource['tags']> {
  try {
    return await tagsOf(arn, context);
  } catch (error) {
    if (isAbsent(error)) return {};
    throw error;
  }
}

/** The user profile that a private space belongs to; `undefined` for a shared one. */
async function ownerOf(space: string, { clients }: FleetContext): Promise<string | undefined> {
  const [DomainId, SpaceName] = space.split('/');
  try {
    const { OwnershipSettings } = await clients.sagemaker.send(
      new DescribeSpaceCommand({ DomainId, SpaceName }),
    );
    return OwnershipSettings?.OwnerUserProfileName;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function memoized<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const answer = read(key);
    known.set(key, answer);
    return answer;
  };
}
