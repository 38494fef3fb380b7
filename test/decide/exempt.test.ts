import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exemption, type Keeping, newKeepTag } from '../../lib/decide/exempt.ts';
import type { Keep, KeepTag } from '../../lib/ledger/ledger.ts';
import type { NamedPolicy, Policy } from '../../lib/policy/policy.ts';
import type { Consent, Protection, Resource } from '../../lib/types/resource.ts';
import { dev, development, instance, minutes, NOW, policyOf, production } from './fixtures.ts';

const policy = policyOf([development()]);
const keeping = (change: Partial<Keeping> = {}): Keeping => ({
  policy,
  keeps: new Map(),
  keepTags: new Map(),
  now: NOW,
  ...change,
});
const why = (resource: Resource, under: Policy = policy, matched: NamedPolicy = development()) =>
  exemption(resource, matched, keeping({ policy: under }))?.why;
const kept = (value: string, key = 'bursar:keep-until') =>
  why(instance('i-1', { tags: { ...dev, [key]: value } }));

it('nothing protects a plain instance', () => {
  expect(why(instance('i-1'))).toBeUndefined();
});

describe('the keep-until tag, at 2026-11-10 12:00 UTC', () => {
  it.each([
    '2026-11-10T12:00:01Z',
    '2026-11-10T12:01Z',
    '2026-11-10T13:30+01:00',
    '2026-11-10T04:30:00.5-08:00',
    '2026-11-10',
    ' 2026-12-01T09:00:00Z ',
  ])('%s is still to come', (value) => {
    expect(kept(value)).toMatch(/^Kept until 2026-1\d-\d\d \d\d:\d\d UTC by its tag bursar:keep-until\.$/);
  });

  it.each(['2026-11-10T12:00:00Z', '2026-11-10T12:30+01:00', '2026-11-09', '1999-01-01T00:00Z'])(
    '%s has passed',
    (value) => {
      expect(kept(value)).toBeUndefined();
    },
  );

  it.each([
    'tomorrow',
    '',
    '10.11.2026',
    '2026-11-10 18:00',
    '2026-11-10T18:00',
    '2026-13-01',
    '2026-02-30T00:00:00Z 2',
    'true',
    '1799999999',
  ])('"%s" cannot be read, so it protects for a day from when it was first seen', (value) => {
    expect(kept(value)).toContain('kept until 2026-11-11 12:00 UTC, to be mended');
    const tagged = instance('i-1', { tags: { ...dev, 'bursar:keep-until': value } });
    const tag: KeepTag = { arn: tagged.arn, value, seenAt: minutes(-1439) };
    const at = (keepTag: KeepTag) =>
      exemption(tagged, development(), keeping({ keepTags: new Map([[tagged.arn, keepTag]]) }));
    expect(at(tag)?.until).toEqual(minutes(1));
    expect(at({ ...tag, seenAt: minutes(-1440) })).toBeUndefined();
    expect(at({ ...tag, seenAt: minutes(-1440), value: 'something else' })?.until).toEqual(minutes(1440));
  });

  it.each([
    ['90m', 90],
    ['4h', 240],
    [' 2d ', 2880],
    ['30s', 0.5],
  ])('%s counts from when it was first seen', (value, length) => {
    const tagged = instance('i-1', { tags: { ...dev, 'bursar:keep-until': value } });
    const seen = (seenAt: Date) =>
      exemption(
        tagged,
        development(),
        keeping({ keepTags: new Map([[tagged.arn, { arn: tagged.arn, value, seenAt }]]) }),
      )?.until;
    expect(exemption(tagged, development(), keeping())?.until).toEqual(minutes(length));
    expect(seen(minutes(-length + 0.1))).toEqual(minutes(0.1));
    expect(seen(minutes(-length))).toBeUndefined();
  });

  it('is remembered once where it says no time by itself, and told where it cannot be read', () => {
    const tagged = (value: string) => instance('i-1', { tags: { ...dev, 'bursar:keep-until': value } });
    const { arn } = tagged('');
    expect(newKeepTag(instance('i-1'), keeping())).toBeUndefined();
    expect(newKeepTag(tagged('2027-01-01'), keeping())).toBeUndefined();
    expect(newKeepTag(tagged('4h'), keeping())).toEqual({
      tag: { arn, value: '4h', seenAt: NOW },
      unreadable: false,
    });
    expect(newKeepTag(tagged('soon'), keeping())?.unreadable).toBe(true);
    const keepTags = new Map([[arn, { arn, value: '4h', seenAt: minutes(-60) }]]);
    expect(newKeepTag(tagged('4h'), keeping({ keepTags }))).toBeUndefined();
    expect(newKeepTag(tagged('5h'), keeping({ keepTags }))?.tag.seenAt).toEqual(NOW);
  });

  it('is looked for under the key of the policy alone', () => {
    expect(kept('2099-01-01', 'keep-until')).toBeUndefined();
    const renamed = { ...policy, tags: { ...policy.tags, keepUntil: 'constructor' } };
    expect(why(instance('i-1'), renamed)).toBeUndefined();
  });
});

it.each<Protection['code']>([
  'auto-scaling-group',
  'eks',
  'emr',
  'batch',
  'stop-protection',
  'instance-store-root',
  'spot',
  'managed-elsewhere',
  'not-known',
])('%s protects, whatever the tags say', (code) => {
  const protections = [{ code, detail: `It is ${code}.` }];
  expect(why(instance('i-1', { protections }))).toBe(`It is ${code}.`);
  const passed = { ...dev, 'bursar:keep-until': '2020-01-01' };
  expect(why(instance('i-1', { protections, tags: passed }))).toBe(`It is ${code}.`);
});

it.each<Consent>(['scale-to-zero', 'terminate-spot', 'stop-jobs'])(
  'what needs consent is left alone unless its policy allows %s',
  (consent) => {
    const one = instance('i-1', { consent });
    expect(why(one)).toContain(`does not say allow: [${consent}]`);
    expect(why(one, policy, production)).toContain('Policy production');
    expect(why(one, policy, development({ allow: [consent] }))).toBeUndefined();
    const others = (['scale-to-zero', 'terminate-spot', 'stop-jobs'] as const).filter(
      (one) => one !== consent,
    );
    expect(why(one, policy, development({ allow: others }))).toBeDefined();
  },
);

describe('a person’s keep', () => {
  const one = instance('i-1');
  const keep = (until: Date, change: Partial<Keep> = {}): Keep => ({
    arn: one.arn,
    since: one.since,
    until,
    by: 'ana (Slack)',
    at: minutes(-60),
    count: 1,
    ...change,
  });
  const until = (keeps: readonly Keep[], tag?: string) =>
    exemption(
      tag === undefined ? one : instance('i-1', { tags: { ...dev, 'bursar:keep-until': tag } }),
      development(),
      keeping({ keeps: new Map(keeps.map((some) => [some.arn, some])) }),
    );

  it('holds until its time, and not at it', () => {
    expect(until([keep(minutes(1))])).toEqual({
      why: 'Kept until 2026-11-10 12:01 UTC by ana (Slack).',
      until: minutes(1),
    });
    expect(until([keep(NOW)])).toBeUndefined();
  });

  it('outlives a restart', () => {
    expect(until([keep(minutes(1), { since: minutes(-9000) })])?.until).toEqual(minutes(1));
  });

  it('and a tag: the longer of the two counts', () => {
    expect(until([keep(minutes(60))], minutes(90).toISOString())?.until).toEqual(minutes(90));
    expect(until([keep(minutes(60))], minutes(30).toISOString())?.until).toEqual(minutes(60));
    expect(until([keep(minutes(-60))], minutes(30).toISOString())?.until).toEqual(minutes(30));
  });
});

it('any text in the tag protects, unless it is a time that has passed', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789-:TZ+. ') })),
      (value) => {
        const isTime = /^\s*\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?\s*$/.test(
          value,
        );
        if (!isTime) expect(kept(value)).toBeDefined();
      },
    ),
  );
  fc.assert(
    fc.property(fc.integer({ min: -1e6, max: 1e6 }), (distance) => {
      expect(kept(minutes(distance).toISOString()) === undefined).toBe(distance <= 0);
    }),
  );
});
