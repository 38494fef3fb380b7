import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coverage } from '../../lib/compliance/coverage.ts';
import { proposeTags, type TagProposal } from '../../lib/compliance/proposals.ts';
import { problemOf, requiredTagsOf } from '../../lib/compliance/required.ts';
import { fold } from '../../lib/compliance/values.ts';
import { sumUsd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import { MEMBER, policyWith, REQUIRED, resource, usd } from './fixtures.ts';

const policies = [
  policyWith(REQUIRED),
  policyWith(
    '{ project: [recsys, vision], owner: [team-beta, team-alpha], environment: any, cost-center: any }',
  ),
  policyWith('{ project: any, "aws:x": any, level: [Dev, dev, l-1, l1] }', 'tags: { owner: Team }'),
];

const anyKey = fc.oneof(
  fc.constantFrom(
    'project',
    'Project',
    'PROJECT',
    'project-name',
    'projetc',
    'owner',
    'Owner',
    'Team',
    'team',
    'environment',
    'env',
    'Environment ',
    'cost-center',
    'CostCenter',
    'level',
    'LEVEL',
    'bursar:creator',
    'aws:x',
    'AWS:project',
    'constructor',
  ),
  fc.string({ maxLength: 8 }).filter((key) => key !== '__proto__'),
);
const anyValue = fc.oneof(
  fc.constantFrom(
    'recsys',
    'Recsys ',
    'recsis',
    'fraud-detection',
    'fraud detection',
    'vision',
    'stranger',
    'team-beta',
    'Team Alpha',
    'dev',
    'DEV',
    'production',
    'L1',
    'l-1',
    'ana',
    'bob',
    '',
    '  ',
  ),
  fc.string({ maxLength: 10 }),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);
const anyTags = fc.dictionary(anyKey, anyValue, { maxKeys: 7, noNullPrototype: true });
const anyFleet = fc
  .array(
    fc.record({
      tags: anyTags,
      state: fc.constantFrom<Resource['state'][]>('running', 'stopped', 'failed', 'transitional'),
      member: fc.boolean(),
      cents: fc.option(fc.nat({ max: 5_000 }), { nil: undefined }),
    }),
    { maxLength: 12 },
  )
  .map((rows) =>
    rows.map(({ tags, state, member, cents }, n) =>
      resource(`i-${n}`, tags, {
        state,
        hourly: cents === undefined ? undefined : usd((cents / 100).toFixed(2)),
        ...(member && n % 3 === 0 ? MEMBER : {}),
      }),
    ),
  );
const anyCase = fc.record({ policy: fc.constantFrom(...policies), fleet: anyFleet });

/** The fleet once these are applied, as AWS would. */
const applied = (fleet: readonly Resource[], proposals: readonly TagProposal[]): readonly Resource[] =>
  fleet.map((one) => ({
    ...one,
    tags: Object.assign(
      {},
      one.tags,
      ...proposals.filter(({ arn }) => arn === one.arn).map(({ set }) => set),
    ),
  }));
const places = (proposals: readonly TagProposal[]): readonly string[] =>
  proposals.flatMap(({ arn, set }) => Object.keys(set).map((key) => `${arn} ${key}`));
const sureOf = (proposals: readonly TagProposal[]) =>
  proposals.filter(({ confidence }) => confidence === 'sure');

const RUNS = { numRuns: 1_500 };

it('sets what is wrong, to what is allowed, once; and never a tag of AWS', () => {
  fc.assert(
    fc.property(anyCase, ({ policy, fleet }) => {
      const proposals = proposeTags(policy, fleet);
      const required = requiredTagsOf(policy);
      expect(new Set(places(proposals)).size).toBe(places(proposals).length);
      for (const { arn, set, was, confidence } of proposals) {
        const tags = fleet.find((one) => one.arn === arn)?.tags ?? {};
        for (const [key, value] of Object.entries(set)) {
          const tag = required.find((one) => one.key === key);
          if (tag === undefined) throw new Error(`${key} is not required`);
          expect(key).not.toMatch(/^aws:/i);
          expect(problemOf(tag, tags)).toBeDefined();
          expect(problemOf(tag, { [key]: value })).toBeUndefined();
          expect(was[key]).toBe(tags[key]);
          // What stands there is only replaced without a question by what is the same but for case and spaces.
          const before = tags[key];
          if (confidence === 'sure' && before !== undefined && before.trim() !== '') {
            expect(fold(value)).toBe(fold(before));
          }
        }
      }
    }),
    RUNS,
  );
});

it('lowers no coverage, by count or by cost, whichever are applied', () => {
  fc.assert(
    fc.property(anyCase, fc.infiniteStream(fc.boolean()), ({ policy, fleet }, coins) => {
      const some = proposeTags(policy, fleet).filter(() => coins.next().value === true);
      const before = coverage(policy, fleet).account;
      const after = coverage(policy, applied(fleet, some)).account;
      expect(after.compliant).toBeGreaterThanOrEqual(before.compliant);
      expect(after.byCount).toBeGreaterThanOrEqual(before.byCount);
      expect(after.byCost).toBeGreaterThanOrEqual(before.byCost);
      expect(after.hourly).toBe(before.hourly);
      const gone = before.lacking.map(({ key, missing, wrong }, n) => {
        const { missing: m = 0, wrong: w = 0 } = after.lacking[n] ?? {};
        return [key, missing + wrong - m - w];
      });
      const set = some.flatMap((one) => Object.keys(one.set));
      expect(gone).toEqual(before.lacking.map(({ key }) => [key, set.filter((one) => one === key).length]));
    }),
    RUNS,
  );
});

it('proposes nothing twice, and comes to an end', () => {
  fc.assert(
    fc.property(anyCase, ({ policy, fleet }) => {
      const all = proposeTags(policy, fleet);
      const afterSure = applied(fleet, sureOf(all));
      expect(sureOf(proposeTags(policy, afterSure))).toEqual([]);
      const again = places(proposeTags(policy, applied(fleet, all)));
      expect(again.filter((place) => places(all).includes(place))).toEqual([]);
      let now: readonly Resource[] = fleet;
      let rounds = 0;
      for (let some = all; some.length > 0; some = proposeTags(policy, now)) {
        now = applied(now, some);
        expect(++rounds).toBeLessThan(5);
      }
    }),
    RUNS,
  );
});

it('counts each resource in one project', () => {
  fc.assert(
    fc.property(anyCase, ({ policy, fleet }) => {
      const { account, projects } = coverage(policy, fleet);
      const all = [...projects.values()];
      const sum = (of: (one: (typeof all)[number]) => number) =>
        all.reduce((total, one) => total + of(one), 0);
      expect(sum(({ resources }) => resources)).toBe(account.resources);
      expect(sum(({ compliant }) => compliant)).toBe(account.compliant);
      expect(sum(({ unpriced }) => unpriced)).toBe(account.unpriced);
      expect(sumUsd(all.map(({ hourly }) => hourly))).toBe(account.hourly);
      expect(sumUsd(all.map(({ compliantHourly }) => compliantHourly))).toBe(account.compliantHourly);
    }),
    RUNS,
  );
});
