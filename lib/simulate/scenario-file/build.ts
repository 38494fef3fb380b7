import { projectHolder } from '../../policy/levels.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Usd } from '../../types/money.ts';
import type {
  Scenario,
  ScenarioExpectation,
  ScenarioResource,
  ScenarioStep,
  UseSegment,
} from '../scenario.ts';
import { lastsOf } from './check.ts';
import { offsetOf } from './jitter.ts';
import { instantOf } from './moments.ts';
import { idsOf } from './parts.ts';
import { somebodyOf } from './people.ts';
import type { ResourceForm } from './resource-schema.ts';
import type { ScenarioFile } from './schema.ts';
import { type Setting, segmentsOf } from './segments.ts';
import type { StepForm } from './step-schema.ts';
import type { UseForm } from './use-schema.ts';
import { createWallClock } from './weekly.ts';

/**
 * A scenario of its checked file: offsets become times, what repeats is spelled out, and `count` makes several of one.
 * @returns `undefined` where the file does not say from when to when it lasts
 */
export function buildScenario(file: ScenarioFile, policy: Policy, policyFile: string): Scenario | undefined {
  const lasts = lastsOf({ from: file.from, to: file.to, lasts: file.for });
  if (lasts === undefined) return undefined;
  const setting: Setting = { ...lasts, timezone: policy.timezone, wall: createWallClock() };
  const doers = doersOf(file, policy);
  const region = policy.scope.regions[0] ?? 'us-east-1';
  return {
    name: file.name,
    description: file.description ?? '',
    policy,
    policyFile,
    ...lasts,
    prices: pricesOf(file.prices),
    resources: file.resources.flatMap((form) => resourcesOf(form, region, setting)),
    steps: file.steps
      .flatMap((form) => stepsOf(form, lasts.from, doers))
      .sort((a, b) => a.at.getTime() - b.at.getTime()),
    billing: { lagHours: file.billing.lag / 3_600 },
    events: file.events,
    expect: expectationOf(file.expect, lasts.from),
  };
}

function pricesOf(prices: ScenarioFile['prices']): Readonly<Record<string, Usd>> {
  const known: Record<string, Usd> = Object.create(null);
  for (const [type, price] of Object.entries(prices)) if (price !== 'unknown') known[type] = price;
  return known;
}

const BUSY: UseForm = { form: 'word', word: 'busy' };

function resourcesOf(form: ResourceForm, region: string, setting: Setting): readonly ScenarioResource[] {
  const { kind, type, jitter = 0 } = form;
  const since = instantOf(form.since, setting.from);
  const endsAt = form.ends === undefined ? undefined : instantOf(form.ends, setting.from);
  // What has ended does nothing.
  const span = endsAt === undefined || endsAt >= setting.to ? setting : { ...setting, to: endsAt };
  // Those that come as late as each other do the same, and share it.
  const segments = new Map<number, readonly UseSegment[]>();
  const useOf = (id: string): readonly UseSegment[] => {
    const shift = offsetOf(id, jitter);
    const known = segments.get(shift) ?? segmentsOf(form.use ?? BUSY, { kind, type, since }, span, shift);
    segments.set(shift, known);
    return known;
  };
  return idsOf(form).map((id) => ({
    id,
    kind,
    type,
    region: form.region ?? region,
    instances: form.instances ?? 1,
    tags: form.tags,
    since,
    ...(endsAt === undefined ? {} : { endsAt }),
    use: useOf(id),
    gpuMetric: form.gpuMetric,
    ...(form.spot === undefined ? {} : { spot: form.spot }),
    ...(form.stopProtection ? { stopProtection: true } : {}),
    ...(form.vanishes ? { vanishes: true } : {}),
    restart: form.restart,
  }));
}

/** Who does a step of which nobody is named, for a resource or a holder of limits. */
interface Doers {
  readonly ofResource: (id: string) => string;
  readonly ofHolder: (holder: string | undefined) => string;
}

function doersOf({ resources }: ScenarioFile, policy: Policy): Doers {
  const holders = new Map(
    resources.flatMap((form) => {
      const project = form.tags[policy.tags.project];
      const holder = project === undefined ? undefined : projectHolder(project);
      return idsOf(form).map((id) => [id, holder] as const);
    }),
  );
  const ofHolder = (holder: string | undefined): string => somebodyOf(policy, holder) ?? 'nobody';
  return { ofHolder, ofResource: (id) => ofHolder(holders.get(id)) };
}

function stepsOf(form: StepForm, from: Date, doers: Doers): readonly ScenarioStep[] {
  const at = instantOf(form.at, from);
  const { tag, keep, restore, release, unfreeze, 'budget-alert': alert, fault, gate } = form;
  return [
    ...(['start', 'stop', 'terminate'] as const).flatMap((step) =>
      (form[step] ?? []).map((resource) => ({ at, step, resource })),
    ),
    ...(tag === undefined ? [] : [{ at, step: 'tag' as const, ...tag }]),
    ...(keep === undefined
      ? []
      : [
          {
            at,
            step: 'keep' as const,
            resource: keep.resource,
            seconds: keep.for / 1_000,
            by: keep.by ?? doers.ofResource(keep.resource),
            press: keep.presses,
          },
        ]),
    ...(restore === undefined
      ? []
      : [
          {
            at,
            step: 'restore' as const,
            resource: restore.resource,
            by: restore.by ?? doers.ofResource(restore.resource),
          },
        ]),
    ...(release === undefined
      ? []
      : [{ at, step: 'release' as const, by: release.by ?? doers.ofHolder(undefined) }]),
    ...(unfreeze === undefined
      ? []
      : [
          {
            at,
            step: 'unfreeze' as const,
            project: unfreeze.project,
            by: unfreeze.by ?? doers.ofHolder(unfreeze.project),
          },
        ]),
    ...(alert === undefined ? [] : [{ at, step: 'budget-alert' as const, ...alert }]),
    ...(fault === undefined
      ? []
      : [
          {
            at,
            step: 'fault' as const,
            fault: fault.what,
            until: new Date(at.getTime() + fault.for),
          },
        ]),
    ...(gate === undefined
      ? []
      : [
          {
            at,
            step: 'gate' as const,
            project: gate.project,
            committed: gate.committed,
            hours: gate.hours,
            candidates: [gate.launch, ...(gate.or ?? [])],
            needs: gate.needs,
          },
        ]),
  ];
}

type Defined<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> };

/** Without the keys that say nothing. */
const defined = <T extends object>(given: T): Partial<Defined<T>> => {
  const kept: Partial<Defined<T>> = {};
  return Object.assign(
    kept,
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
};

function expectationOf(expect: ScenarioFile['expect'], from: Date): ScenarioExpectation {
  const { events, counts, leftAlone, gates, ...rest } = expect;
  return {
    ...defined(rest),
    ...(counts === undefined ? {} : { counts: defined(counts) }),
    ...(events === undefined
      ? {}
      : {
          events: events.map(({ event, at, ...more }) => ({
            event,
            ...defined(more),
            ...(at === undefined ? {} : { at: instantOf(at, from) }),
          })),
        }),
    ...(leftAlone === undefined
      ? {}
      : { leftAlone: leftAlone.map(({ resource, ...more }) => ({ resource, ...defined(more) })) }),
    ...(gates === undefined
      ? {}
      : { gates: gates.map(({ verdict, ...more }) => ({ verdict, ...defined(more) })) }),
  };
}
