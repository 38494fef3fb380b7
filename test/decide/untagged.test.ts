import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcementId } from '../../lib/decide/announcement.ts';
import { recheck } from '../../lib/decide/recheck.ts';
import { announcementsNeeded, decideSweep, dueDecisions, judgeAll } from '../../lib/decide/sweep.ts';
import { creatorTag } from '../../lib/decide/untagged.ts';
import type { Watch } from '../../lib/ledger/ledger.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Consent, Resource } from '../../lib/types/resource.ts';
import {
  development,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  sweepOf,
  unlimited,
  watchOf,
} from './fixtures.ts';

/** Stopped after two hours, told ten minutes before. */
const stopping: Policy['untagged'] = { afterSeconds: 7200, do: 'stop', warnSeconds: 600 };
const policy = policyOf([production, development()], { untagged: stopping, limits: unlimited });
const telling = policyOf([production, development()]);

const CREATOR = 'bursar:creator';
const untagged = (runsFor: number, change: Partial<Resource> = {}): Resource =>
  instance('i-1', { since: minutes(-runsFor), tags: { [CREATOR]: 'ana' }, ...change });

function swept(
  resource: Resource,
  {
    watch,
    told = true,
    under = policy,
    now = NOW,
  }: { watch?: Watch; told?: boolean; under?: Policy; now?: Date } = {},
) {
  const input = sweepOf([resource], {
    policy: under,
    evidence: new Map(),
    now,
    ...(watch === undefined ? {} : { watches: [watch] }),
  });
  const untold = new Set(told ? [] : announcementsNeeded(judgeAll(input)));
  expect(dueDecisions(judgeAll(input), untold).length).toBeLessThanOrEqual(1);
  const { decisions, verdicts, watches } = decideSweep({ ...input, untold });
  return { decisions, does: decisions[0]?.action ?? verdicts[0]?.verdict, watches };
}

describe('where the policy tells', () => {
  it('people are reminded once a day, from the end of its time on', () => {
    expect(swept(untagged(24 * 60 - 1), { under: telling }).does).toBe('no-policy');
    const first = swept(untagged(24 * 60), { under: telling });
    expect(first.decisions).toMatchObject([
      { action: 'notify', trigger: 'untagged', key: `untagged/${untagged(0).arn}/2026-11-10` },
    ]);
    const [watch] = first.watches;
    expect(watch).toBeDefined();
    if (watch !== undefined) expect(swept(untagged(24 * 60), { under: telling, watch }).does).toBe('idle');
  });
});

describe('where the policy stops', () => {
  it('it is left alone until people must be told', () => {
    expect(swept(untagged(109)).does).toBe('no-policy');
  });

  it('people are told, and at the minute that they were told it is stopped', () => {
    const warned = swept(untagged(110));
    const stopAt = minutes(10);
    expect(warned.decisions).toMatchObject([
      { action: 'warn', trigger: 'untagged', project: undefined, stopAt },
    ]);
    expect(warned.watches).toMatchObject([{ stopAt }]);
    const watch = watchOf(untagged(110), { stopAt });
    expect(swept(untagged(110), { watch, now: minutes(9.9) }).does).toBe('idle');
    const stopped = swept(untagged(110), { watch, now: stopAt });
    expect(stopped.decisions).toMatchObject([
      {
        action: 'stop',
        trigger: 'untagged',
        project: undefined,
        key: `untagged-stop/${untagged(0).arn}/${minutes(-110).toISOString()}`,
        rule: { policy: 'untagged', rule: 'untagged for 2 h: stop' },
      },
    ]);
  });

  it('one that had run for long when it was first seen so has the time that others have, a day at most', () => {
    const first = (under: Policy['untagged'], age = 5000) =>
      swept(untagged(age), { under: { ...policy, untagged: under } });
    expect(first(stopping).decisions).toMatchObject([{ action: 'warn', stopAt: minutes(120) }]);
    expect(first(stopping, 170).decisions, 'a sweep was out').toMatchObject([{ stopAt: minutes(10) }]);
    expect(first({ ...stopping, warnSeconds: 0 }).decisions).toMatchObject([
      { action: 'warn', stopAt: minutes(120) },
    ]);
    const long = { afterSeconds: 3 * 86_400, do: 'stop' as const, warnSeconds: 600 };
    expect(first(long).decisions).toMatchObject([{ action: 'warn', stopAt: minutes(24 * 60) }]);
    const [watch] = first({ ...stopping, warnSeconds: 0 }).watches;
    const under = { ...policy, untagged: { ...stopping, warnSeconds: 0 } };
    if (watch === undefined) throw new Error('it is not remembered');
    expect(swept(untagged(5000), { under, watch, now: minutes(119) }).does).toBe('idle');
    expect(swept(untagged(5000), { under, watch, now: minutes(120) }).does).toBe('stop');
    expect(
      swept(untagged(5000), { under, watch: watchOf(untagged(5000), { heldAt: minutes(-5) }) }).does,
    ).toBe('stop');
  });

  it('a warning days ahead is not forgotten: what is remembered is written once a day', () => {
    const under = {
      ...policy,
      untagged: { afterSeconds: 9 * 86_400, do: 'stop' as const, warnSeconds: 5 * 86_400 },
    };
    const age = 4 * 24 * 60;
    const [watch] = swept(untagged(age), { under }).watches;
    if (watch === undefined) throw new Error('it is not remembered');
    const stopAt = minutes(5 * 24 * 60);
    expect(watch).toMatchObject({ stopAt });
    expect(swept(untagged(age), { under, watch, now: minutes(60) }).watches).toEqual([]);
    const nextDay = swept(untagged(age), { under, watch, now: minutes(13 * 60) });
    expect(nextDay.decisions).toEqual([]);
    expect(nextDay.watches).toMatchObject([{ stopAt }]);
  });

  it('people are told anew where nobody was', () => {
    const watch = watchOf(untagged(120), { stopAt: NOW });
    expect(announcementsNeeded(judgeAll(sweepOf([untagged(120)], { policy, watches: [watch] })))).toEqual([
      announcementId({ trigger: 'untagged', target: untagged(120), stopAt: NOW }),
    ]);
    expect(swept(untagged(120), { watch, told: false }).decisions).toMatchObject([
      { action: 'warn', stopAt: minutes(10) },
    ]);
  });

  it('it is stopped at once where the policy gives no time', () => {
    const under = { ...policy, untagged: { ...stopping, warnSeconds: 0 } };
    expect(swept(untagged(119), { under }).does).toBe('no-policy');
    expect(swept(untagged(120), { under }).does).toBe('stop');
  });

  it('people are told whoever made it, and nobody is called unknown before the stop: AWS asks for a name then', () => {
    const nameless = untagged(115, { tags: {} });
    expect(swept(nameless).does).toBe('warn');
    const watch = watchOf(nameless, { stopAt: NOW });
    const found = swept(nameless, { watch });
    expect(found.decisions).toMatchObject([
      { action: 'tag', key: `creator/${untagged(0).arn}`, tags: { [CREATOR]: 'unknown' } },
    ]);
    expect(swept(nameless, { watch, told: false }).does).toBe('warn');
  });

  it.each<{ what: string; change: Partial<Resource> }>([
    { what: 'a job', change: { consent: 'stop-jobs' } },
    { what: 'a group', change: { consent: 'scale-to-zero' } },
    {
      what: 'protected',
      change: { protections: [{ code: 'stop-protection', detail: 'It is stop-protected.' }] },
    },
    { what: 'of production', change: { tags: { [CREATOR]: 'ana', environment: 'prod' } } },
  ])('$what is only told, once a day', ({ change }) => {
    const found = swept(untagged(5000, change));
    expect(found.decisions).toMatchObject([{ action: 'notify', trigger: 'untagged' }]);
    expect(found.decisions[0]?.reason).toContain('It is not stopped: ');
  });

  it('a policy that only undoes launches stops nothing that runs', () => {
    const under = { ...policy, policies: [{ ...production, launch: 'stop' as const }, development()] };
    const ofProduction = untagged(5000, { tags: { [CREATOR]: 'ana', environment: 'prod' } });
    expect(swept(ofProduction, { under }).decisions).toMatchObject([{ action: 'notify' }]);
  });

  it('a policy for all the rest spares nothing', () => {
    const rest = { ...production, name: 'everything-else', match: {} };
    expect(swept(untagged(5000), { under: { ...policy, policies: [rest] } }).does).toBe('warn');
  });

  it('what is kept is left alone, and told of when that ends', () => {
    const tags = { [CREATOR]: 'ana', 'bursar:keep-until': minutes(60).toISOString() };
    expect(swept(untagged(5000, { tags })).does).toBe('exempt');
    expect(swept(untagged(5000, { tags }), { now: minutes(55) }).decisions).toMatchObject([
      { action: 'warn', stopAt: minutes(65) },
    ]);
    const watch = watchOf(untagged(5000), { stopAt: minutes(5) });
    expect(swept(untagged(5000, { tags }), { watch, now: minutes(5) }).watches).toMatchObject([
      { stopAt: undefined },
    ]);
  });
});

describe('the creator tag', () => {
  it('holds what every service takes', () => {
    const tagged = (who: string) => creatorTag(untagged(1), who, policy).tags;
    expect(tagged('ml-ci/build@42')).toEqual({ [CREATOR]: 'ml-ci/build@42' });
    expect(tagged('ana,bob;<x>')).toEqual({ [CREATOR]: 'ana_bob__x_' });
    expect(tagged('a'.repeat(300))).toEqual({ [CREATOR]: 'a'.repeat(256) });
  });

  it('is one decision however often it is asked for', () => {
    expect(creatorTag(untagged(1), 'ana', policy).key).toBe(creatorTag(untagged(1), 'unknown', policy).key);
  });
});

it('nothing is stopped that is exempt, of production, of a project, without the creator tag, or not told of', () => {
  const free = new Array<undefined>(4).fill(undefined);
  const anyUntagged = fc
    .record({
      age: fc.constantFrom(1, 110, 115, 120, 5000),
      environment: fc.constantFrom(undefined, 'dev', 'prod'),
      creator: fc.constantFrom('ana', 'ana', 'unknown', undefined),
      keepUntil: fc.constantFrom(...free, '2027-01-01', '2020-01-01'),
      consent: fc.constantFrom<(Consent | undefined)[]>(...free, 'stop-jobs'),
      isProtected: fc.constantFrom(false, false, true),
      state: fc.constantFrom<Resource['state'][]>('running', 'running', 'running', 'stopped'),
    })
    .map(({ age, environment, creator, keepUntil, consent, isProtected, state }) =>
      untagged(age, {
        state,
        tags: {
          ...(environment === undefined ? {} : { environment }),
          ...(creator === undefined ? {} : { [CREATOR]: creator }),
          ...(keepUntil === undefined ? {} : { 'bursar:keep-until': keepUntil }),
        },
        ...(consent === undefined ? {} : { consent }),
        protections: isProtected ? [{ code: 'eks', detail: 'It is of a cluster.' }] : [],
      }),
    );
  let stops = 0;
  fc.assert(
    fc.property(
      anyUntagged,
      fc.constantFrom(undefined, -5, 0, 5),
      fc.boolean(),
      (resource, announced, told) => {
        const watch = announced === undefined ? undefined : watchOf(resource, { stopAt: minutes(announced) });
        const { decisions } = swept(resource, { told, ...(watch === undefined ? {} : { watch }) });
        for (const one of decisions) {
          if (one.action !== 'stop') continue;
          stops += 1;
          expect(told).toBe(true);
          expect(watch?.stopAt?.getTime()).toBeLessThanOrEqual(NOW.getTime());
          expect(resource.tags[CREATOR]).toBeDefined();
          expect(resource.tags.environment).not.toBe('prod');
          expect(resource.tags['bursar:keep-until']).not.toBe('2027-01-01');
          expect([resource.consent, resource.protections]).toEqual([undefined, []]);
          // What is decided is what the enforcer lets pass, and nothing else.
          expect(
            recheck(one, resource, { policy, keeps: new Map(), keepTags: new Map(), now: NOW }, NOW),
          ).toBeUndefined();
        }
      },
    ),
    { numRuns: 3000 },
  );
  expect(stops).toBeGreaterThan(50);
});
