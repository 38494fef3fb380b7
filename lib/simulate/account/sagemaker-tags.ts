import {
  AddTagsCommand,
  DeleteTagsCommand,
  ListTagsCommand,
  type SageMakerClient,
  type Tag,
} from '@aws-sdk/client-sagemaker';
import type { Answers } from './answering.ts';
import { namedBy } from './sagemaker-arns.ts';
import { findIn } from './sagemaker-keys.ts';
import { putApp, putEndpoint, putJob, putNotebook } from './sagemaker-put.ts';
import { missing, refused } from './sagemaker-refusals.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import { putComponent } from './sagemaker-variants.ts';
import type { AccountState } from './state.ts';

type Tags = Readonly<Record<string, string>>;

/** What carries tags. */
interface Tagged {
  readonly tags: Tags;
  readonly set: (tags: Tags) => void;
}

export const tagMap = (tags: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/**
 * Tags anything of SageMaker by its ARN, as the tagging API does; what it has stays.
 * @returns False where there is no such thing in the region.
 */
export function tagSagemaker(state: AccountState, region: string, arn: string, tags: Tags): boolean {
  const one = taggedBy(state, region, arn);
  one?.set({ ...one.tags, ...tags });
  return one !== undefined;
}

/** Tags of everything that SageMaker has in one region. */
export function answerTags(answers: Answers<SageMakerClient>, state: AccountState, region: string): void {
  const find = (arn = ''): Tagged => {
    const one = taggedBy(state, region, arn);
    if (one !== undefined) return one;
    throw arn.includes(':notebook-instance/') ? refused('RecordNotFound') : missing(`resource "${arn}"`);
  };
  answers.on(ListTagsCommand, ({ ResourceArn }) => ({ Tags: listed(find(ResourceArn).tags) }));
  answers.on(AddTagsCommand, ({ ResourceArn, Tags }) => {
    const one = find(ResourceArn);
    const tags = { ...one.tags, ...tagMap(Tags) };
    one.set(tags);
    return { Tags: listed(tags) };
  });
  answers.on(DeleteTagsCommand, ({ ResourceArn, TagKeys = [] }) => {
    const one = find(ResourceArn);
    one.set(Object.fromEntries(Object.entries(one.tags).filter(([key]) => !TagKeys.includes(key))));
    return {};
  });
}

const listed = (tags: Tags): readonly Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function taggedBy(state: AccountState, region: string, arn: string): Tagged | undefined {
  const named = namedBy(state, region, arn);
  if (named === undefined) return undefined;
  const { type, name } = named;
  switch (type) {
    case 'endpoint': {
      const one = findIn(state.endpoints, region, name);
      if (one === undefined || one.deletedAt !== undefined) return undefined;
      return { tags: one.tags, set: (tags) => putEndpoint(state, { ...one, tags }) };
    }
    case 'notebook-instance': {
      const one = findIn(state.notebooks, region, name);
      return one && { tags: one.tags, set: (tags) => putNotebook(state, { ...one, tags }) };
    }
    case 'training-job':
    case 'processing-job': {
      const one = findIn(state.jobs, region, `sagemaker-${type}/${name}`);
      return one && { tags: one.tags, set: (tags) => putJob(state, { ...one, tags }) };
    }
    case 'app': {
      const [domain, owner, ...rest] = name.split('/');
      // An ARN does not tell a space from a user profile.
      const ids = ['spaces', 'users'].map((place) => [domain, place, owner, ...rest].join('/'));
      const id = ids.find((each) => state.apps.has(each));
      const one = id === undefined ? undefined : state.apps.get(id);
      if (id === undefined || one === undefined) return undefined;
      return { tags: one.tags, set: (tags) => putApp(state, id, { ...one, tags }) };
    }
    case 'inference-component': {
      const one = sagemakerOf(state).components.get(`${region}/${name}`);
      return one && { tags: one.tags, set: (tags) => putComponent(state, region, { ...one, tags }) };
    }
    default: {
      // What is no resource of its own here, such as a user profile, is taken to be there.
      const { tags } = sagemakerOf(state);
      return {
        tags: tags.get(arn) ?? {},
        set: (all) => {
          tags.set(arn, all);
          // Which apps have it from there, nobody knows by its name: all of the domain are read anew.
          const domain = name.split('/')[0];
          for (const [id, one] of state.apps) if (one.domain === domain) putApp(state, id, one);
        },
      };
    }
  }
}
