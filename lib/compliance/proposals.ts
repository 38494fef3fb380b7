import { matchPolicy, type Policy, projectNamed, projectOf, tagOf } from '../policy/policy.ts';
import { show } from '../policy/words.ts';
import { isGroupMember, type Resource } from '../types/resource.ts';
import { problemOf, type RequiredTag, requiredTagsOf, type TagProblem } from './required.ts';
import {
  fromOtherKeys,
  fromOwner,
  fromValue,
  readerOf,
  type Suggestion,
  type ValueReader,
} from './suggest.ts';
import { type Confidence, isReservedKey, isTagValue } from './values.ts';

/** Tags that would mend what is wrong with a resource. Those of one proposal belong together. */
export interface TagProposal {
  readonly arn: string;
  readonly region: string;
  readonly kind: string;
  readonly id: string;
  readonly set: Readonly<Record<string, string>>;
  /** What stands there now and would be overwritten, none of it allowed; by key. */
  readonly was: Readonly<Record<string, string>>;
  /** One sentence, for people. */
  readonly why: string;
  /** `likely`: a guess, to be applied only where a person says yes to this one. */
  readonly confidence: Confidence;
  /** Set where another policy of the policy file would then apply to it; `undefined` = none. */
  readonly policy?: { readonly from: string | undefined; readonly to: string | undefined };
}

/**
 * What can be told of the required tags that resources lack: from the same tag in another spelling, from a value in
 * another spelling, from the owner of the project in the policy file, and from what else the same creator made. An
 * allowed value is never touched, nor a key that AWS keeps for itself. Where two answers are as good, none is given.
 * Members of Auto Scaling groups are left out: they are tagged by their group.
 */
export function proposeTags(policy: Policy, resources: readonly Resource[]): readonly TagProposal[] {
  const required = requiredTagsOf(policy).filter(({ key }) => !isReservedKey(key));
  const rules: Rules = {
    policy,
    required,
    read: new Map(required.map((tag) => [tag.key, readerOf(tag)])),
  };
  const drafts = resources.flatMap((resource) => (isGroupMember(resource) ? [] : [draftOf(resource, rules)]));
  const made = projectsByCreator(drafts, policy);
  return drafts.flatMap((draft) => proposalsOf(withCreator(draft, made, rules), rules));
}

interface Rules {
  readonly policy: Policy;
  readonly required: readonly RequiredTag[];
  readonly read: ReadonlyMap<string, ValueReader>;
}

/** A resource with what its own tags tell of those that it lacks. */
interface Draft {
  readonly resource: Resource;
  /** By key. */
  readonly problems: ReadonlyMap<string, TagProblem>;
  readonly found: ReadonlyMap<string, Suggestion>;
}

function draftOf(resource: Resource, { policy, required, read }: Rules): Draft {
  const problems = new Map<string, TagProblem>();
  const found = new Map<string, Suggestion>();
  for (const tag of required) {
    const problem = problemOf(tag, resource.tags);
    const reader = read.get(tag.key);
    if (problem === undefined || reader === undefined) continue;
    problems.set(tag.key, problem);
    const suggestion =
      fromValue(problem, reader) ??
      fromOtherKeys(tag, problem, resource.tags, reader, { required, keys: policy.tags });
    if (suggestion !== undefined && isTagValue(suggestion.value)) found.set(tag.key, suggestion);
  }
  return { resource, problems, found };
}

/** How many resources of which projects each creator made: as they are tagged, or surely should be. */
function projectsByCreator(
  drafts: readonly Draft[],
  { tags: keys }: Policy,
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const made = new Map<string, Map<string, number>>();
  for (const { resource, found } of drafts) {
    const creator = tagOf(resource.tags, keys.creator);
    const suggestion = found.get(keys.project);
    const project =
      suggestion?.confidence === 'sure' ? suggestion.value : tagOf(resource.tags, keys.project)?.trim();
    if (creator === undefined || project === undefined || project === '') continue;
    const counts = made.get(creator) ?? new Map<string, number>();
    made.set(creator, counts.set(project, (counts.get(project) ?? 0) + 1));
  }
  return made;
}

/** What nothing else tells the project of is likely to be of the one project for which its creator made all else. */
function withCreator(
  draft: Draft,
  made: ReturnType<typeof projectsByCreator>,
  { policy: { tags: keys }, required }: Rules,
): Draft {
  const { resource, problems, found } = draft;
  const tag = required.find(({ key }) => key === keys.project);
  const creator = tagOf(resource.tags, keys.creator);
  if (tag === undefined || creator === undefined || creator.trim() === '') return draft;
  if (found.has(keys.project) || problems.get(keys.project)?.problem !== 'missing') return draft;
  const [only, ...others] = made.get(creator) ?? [];
  if (only === undefined || others.length > 0) return draft;
  const [project, count] = only;
  if (!isTagValue(project) || problemOf(tag, { [keys.project]: project }) !== undefined) return draft;
  const rest = count === 1 ? 'whose other resource is' : `whose ${count} other resources are all`;
  const why = `It was made by ${show(creator)}, ${rest} of project ${show(project)}.`;
  return { ...draft, found: new Map(found).set(keys.project, { value: project, confidence: 'likely', why }) };
}

/** One proposal a tag; the owner of a project that is a guess goes with the project. */
function proposalsOf(draft: Draft, { policy, required }: Rules): readonly TagProposal[] {
  const { resource, problems, found } = draft;
  const { project: projectKey, owner: ownerKey } = policy.tags;
  const ownerTag = required.find(({ key }) => key === ownerKey);
  const ownerProblem = found.has(ownerKey) ? undefined : problems.get(ownerKey);
  const guessed = found.get(projectKey);
  const project = problems.has(projectKey) ? guessed?.value : projectOf(policy, resource.tags);
  const owner =
    ownerTag === undefined || ownerProblem === undefined || project === undefined
      ? undefined
      : fromOwner(
          ownerTag,
          ownerProblem,
          ownerOf(policy, project),
          `Its project ${show(project)} is owned by`,
        );
  const together = owner !== undefined && guessed?.confidence === 'likely' ? owner : undefined;
  return [
    ...[...found].map(([key, suggestion]) =>
      key === projectKey && together !== undefined
        ? proposal(draft, policy, { [key]: suggestion.value, [ownerKey]: together.value }, suggestion)
        : proposal(draft, policy, { [key]: suggestion.value }, suggestion),
    ),
    ...(owner === undefined || together !== undefined
      ? []
      : [proposal(draft, policy, { [ownerKey]: owner.value }, owner)]),
  ];
}

const ownerOf = (policy: Policy, project: string): string | undefined => projectNamed(policy, project)?.owner;

function proposal(
  { resource }: Draft,
  policy: Policy,
  set: TagProposal['set'],
  { why, confidence }: Suggestion,
): TagProposal {
  const { arn, region, kind, id, tags } = resource;
  const from = matchPolicy(policy, tags)?.name;
  const to = matchPolicy(policy, { ...tags, ...set })?.name;
  return {
    arn,
    region,
    kind,
    id,
    set,
    was: Object.fromEntries(
      Object.keys(set).flatMap((key) => {
        const value = tagOf(tags, key);
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    why,
    confidence,
    ...(from === to ? {} : { policy: { from, to } }),
  };
}
