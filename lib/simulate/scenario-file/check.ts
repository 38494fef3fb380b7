import { hasNvidiaGpu } from '../../fleet/accelerators.ts';
import type { Finding } from '../../policy/checks.ts';
import { allHolders, projectHolder } from '../../policy/levels.ts';
import { guesser } from '../../policy/nearest.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Path } from '../../policy/source.ts';
import { show } from '../../policy/words.ts';
import type { ScenarioKind } from '../scenario.ts';
import { figuresOf } from './figures.ts';
import { instantOf, shown } from './moments.ts';
import { type Item, idsOf, type Parts } from './parts.ts';
import { somebodyOf } from './people.ts';
import { aKind, MAX_RESOURCES, type ResourceForm } from './resource-schema.ts';
import { checkTimes } from './segments.ts';
import { mentionsOf } from './step-mentions.ts';
import type { StepForm } from './step-schema.ts';
import { FIGURES, type UseForm } from './use-schema.ts';
import { createWallClock } from './weekly.ts';

/** The longest scenario. */
const MAX_MS = 366 * 86_400_000;

/** From when to when a scenario lasts. */
interface Lasts {
  readonly from: Date;
  readonly to: Date;
}

/** What no part of a scenario can show alone. `policy`: absent where it has mistakes of its own. */
export function checkScenario(parts: Parts, policy: Policy | undefined): readonly Finding[] {
  const lasts = lastsOf(parts);
  const known = knownOf(parts, policy);
  return [
    ...spanFindings(parts, lasts),
    ...repeatedIds(parts),
    ...unpriced(parts),
    ...parts.resources.flatMap((item) => resourceFindings(item, lasts, policy)),
    ...parts.steps.flatMap((item) => stepFindings(item, lasts, known, parts, policy)),
    ...expectFindings(parts, lasts, known),
  ];
}

// --- the span ---

/** `undefined` where the file does not say it rightly. */
export function lastsOf({ from, to, lasts }: Pick<Parts, 'from' | 'to' | 'lasts'>): Lasts | undefined {
  if (from === undefined) return undefined;
  const end =
    to !== undefined
      ? instantOf(to, from)
      : lasts === undefined
        ? undefined
        : new Date(from.getTime() + lasts);
  return end === undefined || end <= from || end.getTime() - from.getTime() > MAX_MS
    ? undefined
    : { from, to: end };
}

function spanFindings({ from, to, says, strayKeys }: Parts, lasts: Lasts | undefined): readonly Finding[] {
  if (says.to && says.lasts) {
    return [
      {
        path: ['for'],
        at: 'key',
        message: '`to` and `for` both say when it ends. Keep one of them.',
      },
    ];
  }
  if (!says.to && !says.lasts) {
    const message = 'It is not said when the scenario ends. Add how long it lasts, such as for: 64h.';
    return strayKeys ? [] : [{ path: [], at: 'value', message }];
  }
  if (lasts !== undefined || from === undefined || to === undefined) return [];
  const end = instantOf(to, from);
  const message =
    end <= from
      ? `The scenario ends at ${shown(end)}, and begins at ${shown(from)}. Write an end after its beginning.`
      : 'The scenario lasts longer than 366 days. Write an earlier end.';
  return [{ path: ['to'], at: 'value', message }];
}

const isOutside = (at: Date, { from, to }: Lasts): boolean => at < from || at >= to;

const outside = (what: string, at: Date, { from, to }: Lasts): string =>
  `${what} is at ${shown(at)}, and the scenario lasts from ${shown(from)} to ${shown(to)}. Write a time ${at.getTime() === to.getTime() ? 'before its end' : 'within it'}.`;

// --- resources ---

function repeatedIds({ names }: Parts): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  let all = 0;
  for (const name of names) {
    const ids = idsOf(name);
    all += ids.length;
    const again = ids.find((id) => seen.has(id));
    if (again !== undefined) {
      const message = `Another resource is named ${show(again)} already. Give each an id of its own.`;
      findings.push({ path: ['resources', name.index, 'id'], at: 'value', message });
    }
    for (const id of ids) seen.add(id);
    if (all > MAX_RESOURCES) {
      const message = `More than ${MAX_RESOURCES} resources in all. Write a smaller \`count\`.`;
      findings.push({ path: ['resources', name.index, 'count'], at: 'value', message });
      break;
    }
  }
  return findings;
}

/** Told once a type: the mend is the same. */
function unpriced({ prices, resources, steps }: Parts): readonly Finding[] {
  if (prices === undefined) return [];
  const guess = guesser(Object.keys(prices));
  const told = new Set<string>();
  const uses: readonly (readonly [type: string, path: Path])[] = [
    ...resources.map(({ index, form }) => [form.type, ['resources', index, 'type']] as const),
    ...steps.flatMap(({ index, form: { gate } }) =>
      gate === undefined
        ? []
        : [
            [gate.launch, ['steps', index, 'gate', 'launch']] as const,
            ...(gate.or ?? []).map((type, at) => [type, ['steps', index, 'gate', 'or', at]] as const),
          ],
    ),
  ];
  return uses.flatMap(([type, path]): readonly Finding[] => {
    if (Object.hasOwn(prices, type) || told.has(type)) return [];
    told.add(type);
    const meant = guess(type);
    const mend =
      meant === undefined
        ? `Add it to \`prices\`, such as ${type}: 1.50 USD, or as unknown.`
        : `Did you mean ${meant}? Else add it to \`prices\`.`;
    return [{ path, at: 'value', message: `${type} has no price. ${mend}` }];
  });
}

function resourceFindings(
  { index, form }: Item<ResourceForm>,
  lasts: Lasts | undefined,
  policy: Policy | undefined,
): readonly Finding[] {
  const finding = (path: Path, message: string): Finding => ({
    path: ['resources', index, ...path],
    at: 'value',
    message,
  });
  const { use = IDLE, type } = form;
  const findings = [...strayFigures(use, form)].map(({ path, message }) =>
    finding(['use', ...path], message),
  );
  if (!form.gpuMetric && !hasNvidiaGpu(type)) {
    findings.push(finding(['gpuMetric'], `${type} has no GPU. Remove \`gpuMetric\`.`));
  }
  const { region } = form;
  const watched = policy?.scope.regions;
  if (region !== undefined && watched !== undefined && !watched.includes(region)) {
    const message = `The policy does not watch ${region}, so nothing would be seen of it. Add it to its scope.regions: [${[...watched, region].join(', ')}].`;
    findings.push(finding(['region'], message));
  }
  if (lasts === undefined) return findings;
  const since = instantOf(form.since, lasts.from);
  if (since >= lasts.to) {
    const message = `It is in service since ${shown(since)}, and the scenario ends at ${shown(lasts.to)}. Write an earlier \`since\`.`;
    return [...findings, finding(['since'], message)];
  }
  const ends = form.ends === undefined ? undefined : instantOf(form.ends, lasts.from);
  if (ends !== undefined && ends <= since) {
    const message = `Its work ends at ${shown(ends)}, and begins at ${shown(since)}. Write an end after its beginning.`;
    findings.push(finding(['ends'], message));
  } else if (ends !== undefined && ends <= lasts.from) {
    const message = `Its work ends at ${shown(ends)}, and the scenario begins at ${shown(lasts.from)}. Remove it, or write a later end.`;
    findings.push(finding(['ends'], message));
  }
  const setting = { ...lasts, timezone: policy?.timezone ?? 'UTC', wall: createWallClock() };
  return [
    ...findings,
    ...[...checkTimes(use, since, setting)].map(({ path, message }) => finding(['use', ...path], message)),
  ];
}

const IDLE: UseForm = { form: 'word', word: 'idle' };

/** Figures that nothing measures of such a resource. */
function* strayFigures(
  use: UseForm,
  resource: ResourceForm,
  path: Path = [],
): Generator<{ readonly path: Path; readonly message: string }> {
  switch (use.form) {
    case 'word':
      return;
    case 'figures': {
      const own = figuresOf(resource);
      for (const figure of FIGURES) {
        if (use.figures[figure] === undefined || own.includes(figure)) continue;
        const what =
          figure === 'gpu' ? `${resource.type} has no GPU` : `${aKind(resource.kind)} has no \`${figure}\``;
        yield { path: [...path, figure], message: `${what}. It is known by ${own.join(', ')}.` };
      }
      return;
    }
    case 'list':
      for (const [index, item] of use.items.entries()) yield* strayFigures(item, resource, [...path, index]);
      return;
    case 'segment':
      yield* strayFigures(use.use, resource, [...path, 'use']);
      return;
    case 'weekly':
    case 'pulse':
      yield* strayFigures(use.use, resource, [...path, 'use']);
      yield* strayFigures(use.otherwise, resource, [...path, 'else']);
  }
}

// --- what names resources and projects ---

/** What a name may mean, and the message where it means nothing; `undefined` where it is known. */
interface Known {
  /** A resource that is right in itself. */
  readonly form: (id: string) => ResourceForm | undefined;
  readonly resource: (id: string) => string | undefined;
  readonly project: (name: string) => string | undefined;
  /** Why a project has no monthly budget. */
  readonly limit: (name: string) => string | undefined;
}

function knownOf({ names, resources }: Parts, policy: Policy | undefined): Known {
  const forms = new Map(resources.flatMap(({ form }) => idsOf(form).map((id) => [id, form] as const)));
  const ids = new Set(names.flatMap(idsOf));
  const many = new Map(names.flatMap(({ id, count }) => (count === undefined ? [] : [[id, count] as const])));
  const guessId = guesser([...ids]);
  const projects = policy === undefined ? undefined : allHolders(policy);
  const guessProject = guesser(projects ?? []);
  const meant = (guess: string | undefined, otherwise: string): string =>
    guess === undefined ? otherwise : `Did you mean ${show(guess)}?`;
  const project = (name: string): string | undefined =>
    projects === undefined || projects.includes(name)
      ? undefined
      : `No project of the policy is named ${show(name)}. ${meant(guessProject(name), 'Add it to its `projects`, or name another.')}`;
  return {
    form: (id) => forms.get(id),
    resource: (id) => {
      if (ids.has(id)) return undefined;
      const count = many.get(id);
      if (count !== undefined)
        return `${show(id)} are ${count} resources. Name one of them, from ${id}-1 to ${id}-${count}.`;
      return `No resource is named ${show(id)}. ${meant(guessId(id), 'Add it to `resources`, or name another.')}`;
    },
    project,
    limit: (name) =>
      project(name) ??
      (policy === undefined || policy.projects[name]?.budget !== undefined
        ? undefined
        : `Project ${show(name)} has no monthly budget. Give it one in the policy, such as budget: 5000 USD.`),
  };
}

/** A step of somebody who is not named, where the policy names nobody. */
function nobodyTo(
  index: number,
  { keep, restore, release, unfreeze }: StepForm,
  { names, resources }: Parts,
  policy: Policy | undefined,
): readonly Finding[] {
  if (policy === undefined) return [];
  const holderOfId = (id: string): string | undefined => {
    const entry = names.find((name) => idsOf(name).includes(id))?.index;
    const project = resources.find((item) => item.index === entry)?.form.tags[policy.tags.project];
    return project === undefined ? undefined : projectHolder(project);
  };
  const doings = [
    ['keep', keep, keep && holderOfId(keep.resource)],
    ['restore', restore, restore && holderOfId(restore.resource)],
    ['release', release, undefined],
    ['unfreeze', unfreeze, unfreeze?.project],
  ] as const;
  return doings.flatMap(([verb, doing, project]): readonly Finding[] => {
    if (doing === undefined || doing.by !== undefined || somebodyOf(policy, project) !== undefined) return [];
    const message =
      'The policy names nobody who may do this. Add operators: [U012AB3CD] to it, or owners to the project.';
    return [{ path: ['steps', index, verb], at: 'key', message }];
  });
}

/** What AWS has no call for, by kind, and what to write instead of it for a resource. */
const NO_CALL: Readonly<
  Partial<Record<ScenarioKind, Partial<Record<'start' | 'terminate', (id: string) => string>>>>
> = {
  'sagemaker-endpoint': {
    start: (id) =>
      `A sagemaker-endpoint that was deleted cannot be started. Write restore: ${id}, which brings back what Bursar stopped.`,
  },
  'sagemaker-training-job': {
    start: () =>
      'A sagemaker-training-job cannot be started again. Add another one whose `since` is that time.',
  },
  'sagemaker-notebook': {
    terminate: (id) => `A sagemaker-notebook is not terminated here. Write stop: ${id}.`,
  },
  'auto-scaling-group': {
    terminate: (id) => `An auto-scaling-group is not terminated here. Write stop: ${id}.`,
  },
};

/** What cannot be done with a resource, or not yet. */
function impossible(
  index: number,
  form: StepForm,
  at: Date | undefined,
  lasts: Lasts | undefined,
  known: Known,
): readonly Finding[] {
  return mentionsOf(form).flatMap(({ of, name, path }): readonly Finding[] => {
    const resource = of === 'resource' ? known.form(name) : undefined;
    if (resource === undefined) return [];
    const find = (message: string): readonly Finding[] => [
      { path: ['steps', index, ...path], at: 'value', message },
    ];
    const [verb] = path;
    const noCall =
      verb === 'start' || verb === 'terminate' ? NO_CALL[resource.kind]?.[verb]?.(name) : undefined;
    if (noCall !== undefined) return find(noCall);
    if (lasts === undefined || at === undefined) return [];
    const since = instantOf(resource.since, lasts.from);
    return at >= since
      ? []
      : find(
          `${show(name)} is in service since ${shown(since)}, and this step is at ${shown(at)}. Write a later time.`,
        );
  });
}

function stepFindings(
  { index, form }: Item<StepForm>,
  lasts: Lasts | undefined,
  known: Known,
  parts: Parts,
  policy: Policy | undefined,
): readonly Finding[] {
  const at = lasts === undefined ? undefined : instantOf(form.at, lasts.from);
  const late: readonly Finding[] =
    at === undefined || lasts === undefined || !isOutside(at, lasts)
      ? []
      : [{ path: ['steps', index, 'at'], at: 'value', message: outside('This step', at, lasts) }];
  return [
    ...late,
    ...nobodyTo(index, form, parts, policy),
    ...impossible(index, form, at, lasts, known),
    ...mentionsOf(form).flatMap(({ of, name, path }): readonly Finding[] => {
      const message = known[of](name);
      return message === undefined ? [] : [{ path: ['steps', index, ...path], at: 'value', message }];
    }),
  ];
}

function expectFindings(
  { expect, steps }: Parts,
  lasts: Lasts | undefined,
  known: Known,
): readonly Finding[] {
  if (expect === undefined) return [];
  const findings: Finding[] = [];
  const find = (message: string | undefined, ...path: Path): void => {
    if (message !== undefined) findings.push({ path: ['expect', ...path], at: 'value', message });
  };
  for (const [index, { resource, project, at }] of (expect.events ?? []).entries()) {
    if (resource !== undefined) find(known.resource(resource), 'events', index, 'resource');
    if (project !== undefined) find(known.project(project), 'events', index, 'project');
    if (at === undefined || lasts === undefined) continue;
    const instant = instantOf(at, lasts.from);
    if (isOutside(instant, lasts)) find(outside('This event', instant, lasts), 'events', index, 'at');
  }
  for (const key of ['running', 'notRunning'] as const) {
    for (const [index, id] of (expect[key] ?? []).entries()) find(known.resource(id), key, index);
  }
  for (const [index, { resource }] of (expect.leftAlone ?? []).entries()) {
    find(known.resource(resource), 'leftAlone', index, 'resource');
  }
  if (expect.overrunAtMost !== undefined) {
    find(known.limit(expect.overrunAtMost.project), 'overrunAtMost', 'project');
  }
  const asked = steps.filter(({ form }) => form.gate !== undefined).length;
  if ((expect.gates?.length ?? 0) > asked) {
    const message = `The gate is asked ${asked === 1 ? 'once' : `${asked} times`}, and this would be one answer more. Remove it, or add a step.`;
    find(message, 'gates', asked);
  }
  return findings;
}
