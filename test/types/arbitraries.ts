import fc from 'fast-check';
import { type Decision, type RuleRef, TRIGGERS } from '../../lib/types/decision.ts';
import type { ByModel, ByProject, MeterPoint, MeterRecord, MeterStretch } from '../../lib/types/meter.ts';
import { microUsd, type Usd } from '../../lib/types/money.ts';
import type { Outcome } from '../../lib/types/outcome.ts';
import {
  CONSENTS,
  type Protection,
  type Resource,
  type ResourcePart,
  type ResourceState,
} from '../../lib/types/resource.ts';
import { type BudgetReading, SPEND_SOURCES } from '../../lib/types/spend.ts';

/** Any instant that ISO 8601 writes with a four-digit year. */
export const anyDate: fc.Arbitrary<Date> = fc.date({
  min: new Date('0000-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

const anyDay = anyDate.map((date) => date.toISOString().slice(0, 10));

export const anyUsd: fc.Arbitrary<Usd> = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map(microUsd);

export const anyText = fc.string({ unit: 'grapheme' });

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** Plain objects alone: JSON makes no others. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true });

/** As `record`; the keys of `sometimes` are there or not. */
const recordWith = <T, U>(
  always: { [K in keyof T]: fc.Arbitrary<T[K]> },
  sometimes: { [K in keyof U]: fc.Arbitrary<U[K]> },
) =>
  fc
    .tuple(record<T>(always), fc.record(sometimes, { noNullPrototype: true, requiredKeys: [] }))
    .map(([first, second]) => ({ ...first, ...second }));

const anyState = fc.constantFrom<ResourceState[]>('running', 'transitional', 'stopped', 'failed');

const anyProtection: fc.Arbitrary<Protection> = record({
  code: fc.constantFrom<Protection['code'][]>(
    'auto-scaling-group',
    'eks',
    'emr',
    'batch',
    'stop-protection',
    'instance-store-root',
    'spot',
    'managed-elsewhere',
  ),
  detail: anyText,
});

// A plain object cannot hold `__proto__` as a key: no tag of that name survives, on AWS or here.
const anyTags = fc.dictionary(
  anyText.filter((key) => key !== '__proto__'),
  anyText,
  { noNullPrototype: true },
);

const anyPart: fc.Arbitrary<ResourcePart> = record({ name: anyText, type: anyText, count: fc.nat() });

const always = {
  kind: anyText,
  arn: anyText,
  id: anyText,
  account: anyText,
  region: anyText,
  tags: anyTags,
  state: anyState,
  since: anyDate,
  size: anyText,
  protections: fc.array(anyProtection, { maxLength: 3 }),
  hourly: maybe(anyUsd),
};
const sometimes = {
  started: anyDate,
  form: anyText,
  parts: fc.array(anyPart, { maxLength: 3 }),
  consent: fc.constantFrom(...CONSENTS),
  neverIdle: anyText,
};

export const anyResource: fc.Arbitrary<Resource> = recordWith(always, sometimes);

const anyRule: fc.Arbitrary<RuleRef> = record({ policy: anyText, rule: anyText });
const base = { key: anyText, project: maybe(anyText), reason: anyText };
const onTarget = {
  ...base,
  trigger: fc.constantFrom(...TRIGGERS),
  rule: anyRule,
  target: anyResource,
};

export const anyDecision: fc.Arbitrary<Decision> = fc.oneof(
  recordWith(
    { ...onTarget, action: fc.constant('stop' as const) },
    { holder: anyText, by: anyText, expires: anyDate },
  ),
  record({ ...onTarget, action: fc.constant('warn' as const), stopAt: anyDate }),
  record({ ...onTarget, action: fc.constant('notify' as const) }),
  recordWith(
    {
      ...base,
      action: fc.constant('budget-notice' as const),
      threshold: anyText,
      spent: anyUsd,
      limit: anyUsd,
    },
    { holder: anyText },
  ),
  recordWith(
    {
      ...base,
      action: fc.constant('freeze' as const),
      rule: anyRule,
      until: anyDate,
    },
    { holder: anyText, roles: fc.array(anyText, { maxLength: 3 }) },
  ),
  recordWith(
    {
      ...base,
      action: fc.constant('hold' as const),
      cause: fc.constantFrom(
        'blast-radius' as const,
        'implausible-amount' as const,
        'metrics-outage' as const,
        'unapproved' as const,
      ),
      targets: fc.array(anyResource, { maxLength: 3 }),
    },
    { heldAt: anyDate },
  ),
  recordWith(
    { ...base, action: fc.constant('restore' as const), target: anyResource, by: anyText },
    { expires: anyDate },
  ),
  recordWith(
    {
      ...base,
      action: fc.constant('keep' as const),
      target: anyResource,
      until: anyDate,
      by: anyText,
    },
    { most: fc.integer({ min: 1, max: 9 }) },
  ),
  record({ ...base, action: fc.constant('release' as const), heldAt: anyDate, by: anyText }),
  record({
    ...base,
    action: fc.constant('approve' as const),
    hash: anyText,
    policyHash: anyText,
    resources: fc.nat(),
    by: anyText,
  }),
  recordWith(
    { ...base, action: fc.constant('unfreeze' as const), by: anyText },
    { holder: anyText, roles: fc.array(anyText, { maxLength: 3 }) },
  ),
  record({ ...base, action: fc.constant('tag' as const), target: anyResource, tags: anyTags }),
  record({
    ...base,
    action: fc.constant('burn-rate' as const),
    project: anyText,
    burn: anyUsd,
    usual: anyUsd,
  }),
  record({
    ...base,
    action: fc.constant('spend-anomaly' as const),
    anomalies: fc.array(
      record({
        project: maybe(anyText),
        day: anyDay,
        by: fc.constantFrom('meter' as const, 'bill' as const),
        spent: anyUsd,
        expected: anyUsd,
        low: anyUsd,
        high: anyUsd,
        services: fc.array(record({ service: anyText, spent: anyUsd, expected: anyUsd }), { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  recordWith(
    { ...base, action: fc.constant('weekly' as const), lines: fc.array(anyText, { maxLength: 3 }) },
    { link: record({ title: anyText, url: fc.constant('https://example.com/r/a-b_c?d=e&f=%20') }) },
  ),
  record({ ...base, action: fc.constant('canary' as const) }),
);

export const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  recordWith(
    { status: fc.constant('taken' as const), at: anyDate, detail: anyText },
    { restorable: fc.constant(false as const) },
  ),
  record({ status: fc.constant('skipped' as const), at: anyDate, code: anyText, detail: anyText }),
  record({
    status: fc.constant('failed' as const),
    at: anyDate,
    code: anyText,
    detail: anyText,
    retry: fc.boolean(),
  }),
);

export const anyBudgetReading: fc.Arbitrary<BudgetReading> = record({
  source: fc.constantFrom(...SPEND_SOURCES),
  budgetName: anyText,
  holder: anyText,
  limit: anyUsd,
  actual: maybe(anyUsd),
  forecasted: maybe(anyUsd),
  meter: maybe(record({ billed: anyUsd, estimated: anyUsd, low: anyUsd, high: anyUsd, burn: anyUsd })),
  period: anyDay,
  asOf: anyDate,
});

// Few of each, so that most stretches share a rate, as real ones do.
const anyRate = fc.oneof(
  recordWith(
    {
      project: fc.constantFrom(undefined, '', 'recsys'),
      hourly: fc.constantFrom(undefined, microUsd(1n)),
    },
    { model: fc.constantFrom('', 'scorer') },
  ),
  recordWith({ project: maybe(anyText), hourly: maybe(anyUsd) }, { model: anyText }),
);

const anyPoint: fc.Arbitrary<MeterPoint> = fc
  .tuple(
    anyRate,
    record({
      at: anyDate,
      on: fc.boolean(),
      by: fc.constantFrom<MeterPoint['by'][]>('event', 'seen', 'guess'),
    }),
  )
  .map(([rate, point]) => ({ ...rate, ...point }));

const anyStretch: fc.Arbitrary<MeterStretch> = fc
  .tuple(anyRate, record({ day: anyDay, milliseconds: fc.nat({ max: 86_400_000 }) }))
  .map(([rate, stretch]) => ({ ...rate, ...stretch }));

export const anyMeterRecord: fc.Arbitrary<MeterRecord> = record({
  arn: anyText,
  id: anyText,
  kind: anyText,
  account: anyText,
  region: anyText,
  size: anyText,
  points: fc.array(anyPoint),
  closed: fc.array(anyStretch),
});

/** Amounts by any name, `__proto__` included. */
export const anyAmounts: fc.Arbitrary<ReadonlyMap<string, Usd>> = fc
  .array(fc.tuple(fc.oneof(anyText, fc.constantFrom('__proto__', 'recsys', 'a#b')), anyUsd))
  .map((pairs) => new Map(pairs));

export const anyByProject: fc.Arbitrary<ByProject> = fc
  .array(fc.tuple(fc.oneof(anyText, fc.constant('__proto__')), anyAmounts))
  .map((pairs) => new Map(pairs));

export const anyByModel: fc.Arbitrary<ByModel> = fc
  .array(fc.tuple(fc.oneof(anyText, fc.constant('__proto__')), anyByProject), { maxLength: 3 })
  // A project without any model is not written.
  .map((pairs) => new Map(pairs.filter(([, models]) => models.size > 0)));
