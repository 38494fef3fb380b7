import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditLine } from '../../lib/people/answer.ts';
import { type FakeBursar, startFakeBursar } from './fake-bursar.ts';
import { endpoint, instance, STATE, SWEEP } from './fixtures.ts';
import { run, useFake } from './run-cli.ts';

let fake: FakeBursar;
beforeAll(async () => {
  fake = await startFakeBursar();
});
afterAll(() => fake.stop());

const LINES: readonly AuditLine[] = [
  {
    at: '2026-11-25T10:00:00.000Z',
    event: 'intended',
    action: 'stop',
    arn: instance('i-0aaa'),
    id: 'i-0aaa',
    kind: 'ec2-instance',
    project: 'fraud-detection',
    policy: 'development',
    rule: 'development: idle',
    trigger: 'idle',
    reason: 'Idle for 34 min.',
    detail: '',
  },
  {
    at: '2026-11-25T10:00:02.000Z',
    event: 'failed',
    action: 'stop',
    arn: instance('i-0aaa'),
    project: 'fraud-detection',
    by: 'ana (Slack)',
    reason: 'Idle for 34 min.',
    code: 'UnsupportedOperation',
    detail: 'One-time Spot instances cannot be stopped.',
  },
];
let trail: object;
beforeEach(() => {
  useFake(fake);
  trail = { audit: LINES };
  fake.behave({
    sweep: () => ({ payload: SWEEP }),
    request: ({ ask }) => ({ payload: ask === 'state' ? { state: STATE } : trail }),
  });
});

describe('bursar audit', () => {
  it('tells the trail, newest last, of a week', async () => {
    expect(await run(['audit'])).toEqual({
      code: 0,
      err: '',
      out: [
        'TIME (UTC)        ACTION  EVENT     RESOURCE  PROJECT          WHY',
        '2026-11-25 10:00  stop    intended  i-0aaa    fraud-detection  Idle for 34 min. (development: idle)',
        '2026-11-25 10:00  stop    failed    i-0aaa    fraud-detection  UnsupportedOperation: One-time Spot instances cannot be stopped. Asked by ana (Slack).',
        '',
      ].join('\n'),
    });
    expect(fake.asked).toEqual([
      { name: 'the-request', payload: { ask: 'audit', of: {}, since: '2026-11-18T10:30:00.000Z' } },
    ]);
  });

  it('needs no column for what was asked for alone', async () => {
    const titles = async (...args: readonly string[]) => (await run(['audit', ...args])).out.split('\n')[0];
    expect(await titles('--project', 'fraud-detection')).toBe(
      'TIME (UTC)        ACTION  EVENT     RESOURCE  WHY',
    );
    expect(await titles('--resource', 'i-0aaa')).toBe('TIME (UTC)        ACTION  EVENT     WHY');
  });

  it('asks for a project and a time', async () => {
    trail = { audit: [], left: 0 };
    const { out } = await run(['audit', '--project', 'recsys', '--since', '24h']);
    expect(out).toBe('Nothing since 2026-11-24 10:30 UTC.\n');
    expect(fake.asked).toEqual([
      {
        name: 'the-request',
        payload: { ask: 'audit', of: { project: 'recsys' }, since: '2026-11-24T10:30:00.000Z' },
      },
    ]);
  });

  it('says how many older ones are left off', async () => {
    trail = { audit: LINES, left: 12 };
    expect((await run(['audit'])).out).toMatch(
      /^12 older ones are not shown\. Ask for less: --since, --project\.\nTIME/,
    );
  });

  it('tells why a resource is exempt now', async () => {
    const { code, out } = await run(['audit', '--resource', 'i-0bbb']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /\n\nNow, a sweep would say:\n {2}exempt {2}Kept until 2026-11-25 12:00 UTC by ana\.\n$/,
    );
    expect(fake.asked.at(-1)?.payload).toMatchObject({ ask: 'audit', of: { arn: instance('i-0bbb') } });
  });

  it('finds a resource that no sweep sees any more', async () => {
    const { out } = await run(['audit', '--resource', 'old']);
    expect(fake.asked.at(-1)?.payload).toMatchObject({ of: { arn: endpoint('old') } });
    expect(out).toMatch(/\nNow: a sweep sees no such resource\.\n$/);
  });

  it('gives it to machines', async () => {
    const { out } = await run(['audit', '--resource', instance('i-0bbb'), '--json']);
    expect(JSON.parse(out)).toEqual({
      since: '2026-11-18T10:30:00.000Z',
      left: 0,
      audit: LINES,
      resource: instance('i-0bbb'),
      now: [{ what: 'exempt', why: 'Kept until 2026-11-25 12:00 UTC by ana.' }],
    });
    expect(JSON.parse((await run(['audit', '--json'])).out)).not.toHaveProperty('now');
  });

  it.each([
    [['--since', 'once'], '--since: "once" is no time.'],
    [['--since', '2030-01-01'], 'is still to come.'],
    [['--resource', 'nobody'], 'Bursar sees no resource "nobody".'],
    [['--resource', 'i-0aab'], 'Bursar sees no resource "i-0aab". Did you mean i-0aaa?'],
    [['--resource', 'arn:aws:ec2'], '"arn:aws:ec2" is no whole ARN.'],
    [
      ['--resource', 'x', '--project', 'y'],
      "option '--resource <arn>' cannot be used with option '--project <name>'",
    ],
  ])('refuses %j', async (args, says) => {
    const { code, out, err } = await run(['audit', ...args]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
  });
});
