import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exemption } from '../../lib/decide/exempt.ts';
import type { Protection } from '../../lib/types/resource.ts';
import { dev, development, instance, minutes, NOW, policyOf } from './fixtures.ts';

const policy = policyOf([development()]);
const kept = (value: string, key = 'bursar:keep-until') =>
  exemption(instance('i-1', { tags: { ...dev, [key]: value } }), policy, NOW);

it('nothing protects a plain instance', () => {
  expect(exemption(instance('i-1'), policy, NOW)).toBeUndefined();
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
    expect(kept(value)).toMatch(/^Kept until 2026-1\d-\d\dT.* by its tag bursar:keep-until\.$/);
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
  ])('"%s" cannot be read, so it protects', (value) => {
    expect(kept(value)).toContain('kept until it is mended');
  });

  it('is looked for under the key of the policy alone', () => {
    expect(kept('2099-01-01', 'keep-until')).toBeUndefined();
    const renamed = { ...policy, tags: { ...policy.tags, keepUntil: 'constructor' } };
    expect(exemption(instance('i-1'), renamed, NOW)).toBeUndefined();
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
])('%s protects, whatever the tags say', (code) => {
  const protections = [{ code, detail: `It is ${code}.` }];
  expect(exemption(instance('i-1', { protections }), policy, NOW)).toBe(`It is ${code}.`);
  const passed = { ...dev, 'bursar:keep-until': '2020-01-01' };
  expect(exemption(instance('i-1', { protections, tags: passed }), policy, NOW)).toBe(`It is ${code}.`);
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
