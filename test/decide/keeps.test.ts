import { describe, expect, it } from 'vitest';
import { announcementId } from '../../lib/decide/announcement.ts';
import { decideSweep, dueDecisions, evidenceNeeded, judgeAll } from '../../lib/decide/sweep.ts';
import type { Keep } from '../../lib/ledger/ledger.ts';
import {
  busyEvidence,
  dev,
  development,
  evidenceOf,
  instance,
  minutes,
  NOW,
  policyOf,
  production,
  readingOf,
  steady,
  sweepOf,
  warnedRule,
  watchOf,
} from './fixtures.ts';

/** Warned 10 min before the stop after 30 idle minutes. */
const policy = policyOf([development({ idle: warnedRule }), production]);
const one = instance('i-1');
const keptUntil = (until: Date): ReadonlyMap<string, Keep> =>
  new Map([
    [one.arn, { arn: one.arn, since: one.since, until, by: 'ana (Slack)', at: minutes(-120), count: 1 }],
  ]);
const sweep = (change: Parameters<typeof sweepOf>[1]) => decideSweep(sweepOf([one], { policy, ...change }));

describe('what somebody keeps', () => {
  it('is left alone, unread, and says by whom and until when', () => {
    const change = {
      policy,
      keeps: keptUntil(minutes(60)),
      watches: [watchOf(one, { stopAt: minutes(-1) })],
    };
    expect(sweep(change)).toMatchObject({
      decisions: [],
      verdicts: [{ verdict: 'exempt', why: 'Kept until 2026-11-10 13:00 UTC by ana (Slack).' }],
      watches: [{ stopAt: undefined }],
    });
    expect(evidenceNeeded(sweepOf([one], change))).toEqual([]);
  });

  it('is announced again before its keep ends, for that very minute', () => {
    expect(sweep({ keeps: keptUntil(minutes(10)) }).decisions).toMatchObject([
      { action: 'warn', stopAt: minutes(10) },
    ]);
    expect(sweep({ keeps: keptUntil(minutes(11)) }).decisions).toEqual([]);
    // Late, and to a whole minute that is not before the end.
    expect(sweep({ keeps: keptUntil(minutes(5.3)) }).decisions).toMatchObject([
      { action: 'warn', stopAt: minutes(10) },
    ]);
    expect(sweep({ keeps: keptUntil(minutes(9.9)) }).decisions).toMatchObject([{ stopAt: minutes(10) }]);
  });

  it('is never stopped before that, whatever was announced earlier', () => {
    const watches = [watchOf(one, { stopAt: minutes(-1) })];
    const { decisions } = sweep({ keeps: keptUntil(minutes(5)), watches });
    expect(decisions).toMatchObject([{ action: 'warn', stopAt: minutes(10) }]);
  });

  it('is stopped when the keep ends, if it is idle still', () => {
    const watches = [watchOf(one, { stopAt: NOW })];
    expect(sweep({ keeps: keptUntil(NOW), watches }).decisions).toMatchObject([
      { action: 'stop', trigger: 'idle' },
    ]);
    const evidence = new Map([[one.arn, busyEvidence]]);
    expect(sweep({ keeps: keptUntil(NOW), watches, evidence }).decisions).toEqual([]);
  });
});

describe('a stop that was announced', () => {
  const watches = [watchOf(one, { stopAt: NOW })];
  const told = announcementId({ trigger: 'idle', target: one, stopAt: NOW });

  it('comes only where people were told of it; else it is announced anew', () => {
    expect(sweep({ watches }).decisions).toMatchObject([{ action: 'stop' }]);
    expect(sweep({ watches, untold: new Set([told]) })).toMatchObject({
      decisions: [{ action: 'warn', stopAt: minutes(10) }],
      watches: [{ stopAt: minutes(10) }],
    });
  });
});

describe('a warning of long ago', () => {
  it('is void where only some of the window is known since, as after a restart that nobody tells of', () => {
    const evidence = new Map([
      [one.arn, evidenceOf([readingOf('cpu', steady(1, 5)), readingOf('network', steady(200, 5))])],
    ]);
    const at = (stopAt: Date) => sweep({ watches: [watchOf(one, { stopAt })], evidence });
    expect(at(minutes(-5))).toMatchObject({ decisions: [], watches: [] });
    expect(at(minutes(-11))).toMatchObject({ decisions: [], watches: [{ stopAt: undefined, busyAt: NOW }] });
  });
});

describe('what was held back', () => {
  it('is held no more once somebody keeps it: a release of before does not concern what is due later', () => {
    const watches = [watchOf(one, { heldAt: minutes(-60), heldDue: 40 })];
    expect(sweep({ keeps: keptUntil(minutes(60)), watches }).watches).toMatchObject([
      { heldAt: undefined, heldDue: undefined },
    ]);
  });
});

describe('what a close look found', () => {
  it('spares the warning as well as the stop, and says why', () => {
    const inspected = new Map([
      [one.arn, { code: 'stop-protection' as const, detail: 'It is stop-protected.' }],
    ]);
    for (const watches of [[], [watchOf(one, { stopAt: NOW })]]) {
      expect(dueDecisions(judgeAll(sweepOf([one], { policy, watches })), new Set())).toHaveLength(1);
      expect(sweep({ watches, inspected })).toMatchObject({
        decisions: [],
        verdicts: [{ verdict: 'exempt', why: 'It is stop-protected.' }],
      });
    }
  });
});

describe('a keep tag', () => {
  const tagged = (value: string) => instance('i-1', { tags: { ...dev, 'bursar:keep-until': value } });

  it('that cannot be read is told once, and remembered', () => {
    const decided = decideSweep(sweepOf([tagged('next week')], { policy }));
    expect(decided).toMatchObject({
      decisions: [{ action: 'notify', trigger: 'keep-tag', key: `keep-tag/${one.arn}/next week` }],
      keepTags: [{ arn: one.arn, value: 'next week', seenAt: NOW }],
    });
    const keepTags = new Map(decided.keepTags.map((tag) => [tag.arn, tag]));
    expect(decideSweep(sweepOf([tagged('next week')], { policy, keepTags, now: minutes(5) }))).toMatchObject({
      decisions: [],
      keepTags: [],
      verdicts: [{ verdict: 'exempt' }],
    });
    expect(
      decideSweep(sweepOf([tagged('next week')], { policy, keepTags, now: minutes(24 * 60) })).decisions,
    ).not.toMatchObject([{ trigger: 'keep-tag' }]);
  });

  it('that cannot be read is remembered also where a warning is due, so that its day ends', () => {
    const dayAhead = development({
      idle: { ...warnedRule, afterSeconds: 48 * 3600, warnSeconds: 24 * 3600 },
    });
    const under = policyOf([dayAhead, production]);
    const long = tagged('next week');
    const samples = steady(1, 12 * 24 + 3);
    const evidence = new Map([
      [long.arn, evidenceOf([readingOf('cpu', samples), readingOf('network', samples)])],
    ]);
    const old = { ...long, since: minutes(-5000) };
    expect(decideSweep(sweepOf([old], { policy: under, evidence }))).toMatchObject({
      decisions: [{ action: 'warn' }],
      keepTags: [{ value: 'next week', seenAt: NOW }],
    });
  });

  it('with a duration is remembered without a word', () => {
    expect(decideSweep(sweepOf([tagged('4h')], { policy }))).toMatchObject({
      decisions: [],
      keepTags: [{ value: '4h', seenAt: NOW }],
    });
  });
});

describe('what is never idle', () => {
  it('is neither read nor stopped for its use', () => {
    const job = instance('i-1', { neverIdle: 'A job ends by itself.' });
    expect(evidenceNeeded(sweepOf([job], { policy }))).toEqual([]);
    expect(decideSweep(sweepOf([job], { policy }))).toMatchObject({
      decisions: [],
      verdicts: [{ verdict: 'exempt', why: 'A job ends by itself.' }],
    });
  });
});
