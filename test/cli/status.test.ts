import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeBursar, startFakeBursar } from './fake-bursar.ts';
import { STATE, SWEEP } from './fixtures.ts';
import { run, useFake } from './run-cli.ts';

let fake: FakeBursar;
beforeAll(async () => {
  fake = await startFakeBursar();
});
afterAll(() => fake.stop());
beforeEach(() => {
  useFake(fake);
  fake.behave({ sweep: () => ({ payload: SWEEP }), request: () => ({ payload: { state: STATE } }) });
});

describe('bursar status', () => {
  it('shows what would happen and why, by project', async () => {
    const { code, out, err } = await run(['status']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'Bursar in us-east-1, 2026-11-25 10:30 UTC: 6 resources, 5 running for $53.75/h and 1 unpriced',
      '',
      'fraud-detection',
      '  RESOURCE  SIZE               USD/H  WHAT (UTC)          WHY',
      '  i-0aaa    g5.xlarge          $1.01  STOP                Idle for 34 min.',
      '  churn     2 × ml.g5.xlarge   $2.82  warn, stops 10:40   No invocations for 20 min.',
      '',
      'recsys',
      '  spent $12,480.50 of $12,000.00 (2026-11-25 06:00 UTC)',
      '  100% of actual spend reached, stops at 2026-11-25 10:45 UTC',
      '  frozen until 2026-12-01 00:00 UTC',
      '  ranker    ml.p4d.24xlarge   $37.69  held back           Held back: 31 stops were due, and the limits allow 25.',
      '  i-0bbb    p3.8xlarge        $12.24  exempt until 12:00  Kept until 2026-11-25 12:00 UTC by ana.',
      '  ranker    ml.m5.xlarge              busy                12 invocations at 10:25 UTC.',
      '',
      'No project',
      '  i-0ccc    t3.micro                  no policy           It has no tag project.',
      '',
      'Also due',
      '  budget-notice  recsys  recsys has spent $12,480.50 of $12,000.00.',
      '',
      'Held back, since more were due than the limits allow',
      '  to release them: bursar release 2026-11-25T10:25:00.000Z',
      '',
      'Can be restored, by bursar restore <resource or project> (times in UTC)',
      '  i-0ddd  vision  ec2-instance        being restored, stopped 11-23 18:30 (budget)',
      '  old     recsys  sagemaker-endpoint  stopped 11-24 18:30 (idle)',
      '',
    ]);
    expect(fake.asked).toEqual([
      { name: 'the-sweep', payload: { dryRun: true } },
      { name: 'the-request', payload: { ask: 'state' } },
    ]);
  });

  it('shows one project', async () => {
    const { out } = await run(['status', '--project', 'recsys']);
    expect(out).toContain('3 resources of recsys, 3 running for $49.93/h and 1 unpriced\n');
    expect(out).toContain('frozen until 2026-12-01');
    expect(out).not.toMatch(/fraud-detection|i-0ccc|vision/);
    const none = await run(['status', '--project', 'none']);
    expect(none).toMatchObject({ code: 0, err: '' });
    expect(none.out).toMatch(/0 resources of none\n/);
  });

  it('fits the terminal', async () => {
    const { out } = await run(['status'], { width: 100 });
    const lines = out.split('\n');
    const wide = lines.filter((line) => line.length > 100);
    expect(wide).toEqual([]);
    expect(lines).toContain(
      '  ranker    ml.p4d.24xlarge   $37.69  held back           Held back: 31 stops were due, and the',
    );
    expect(lines).toContain(`${' '.repeat(58)}limits allow 25.`);
  });

  it('says a long reason once on a terminal, and of what is stopped no more than that', async () => {
    const why = 'Every sample of every signal was below its limit for thirty minutes.';
    const one = (n: number, state: string) => ({
      arn: `arn:aws:ec2:us-east-1:123456789012:instance/i-${n}`,
      project: 'recsys',
      size: 'g5.xlarge',
      hourly: '1.006',
      state,
    });
    const leftAlone = [
      { ...one(1, 'running'), verdict: 'held', why },
      { ...one(2, 'running'), verdict: 'held', why },
      { ...one(3, 'stopped'), verdict: 'not-running', why: 'It is stopped.' },
    ];
    fake.behave({
      sweep: () => ({ payload: { ...SWEEP, decided: [], decisions: {}, leftAlone } }),
      request: () => ({ payload: { state: { keeps: [], projects: [], restorable: [], held: [] } } }),
    });
    expect((await run(['status'], { width: 60 })).out.split('\n').slice(2)).toEqual([
      'recsys',
      '  RESOURCE  SIZE       USD/H  WHAT (UTC)',
      '  i-1       g5.xlarge  $1.01  held back',
      '      Every sample of every signal was below its limit for',
      '      thirty minutes.',
      '  i-2       g5.xlarge  $1.01  held back',
      '      As above.',
      '  i-3       g5.xlarge         stopped',
      '',
    ]);
    expect((await run(['status'])).out.split(why)).toHaveLength(3);
  });

  it('gives it to machines', async () => {
    const { code, out } = await run(['status', '--json']);
    expect(code).toBe(0);
    const json = JSON.parse(out);
    expect(json).toMatchObject({
      stack: 'Bursar',
      region: 'us-east-1',
      at: '2026-11-25T10:30:00.000Z',
      untold: 0,
      held: STATE.held,
      restorable: STATE.restorable,
      projects: STATE.projects,
      decisions: [{ what: 'budget-notice', project: 'recsys' }],
    });
    expect(json.resources).toHaveLength(6);
    expect(json.resources).toContainEqual({
      arn: 'arn:aws:ec2:us-east-1:123456789012:instance/i-0bbb',
      id: 'i-0bbb',
      kind: 'ec2-instance',
      project: 'recsys',
      size: 'p3.8xlarge',
      hourly: '12.24',
      state: 'running',
      policy: 'development',
      findings: [{ what: 'exempt', why: 'Kept until 2026-11-25 12:00 UTC by ana.' }],
      keptUntil: '2026-11-25T12:00:00.000Z',
    });
  });

  it('says how much the sweep left out, and what it says twice of one resource', async () => {
    const [warned] = SWEEP.decided;
    fake.behave({
      sweep: () => ({
        payload: {
          ...SWEEP,
          decisions: { warn: 1, stop: 2_500 },
          decided: [warned],
          leftAlone: [
            { ...warned, verdict: 'within-budget', why: 'Its budget has room.', stopAt: undefined },
          ],
          verdicts: { 'within-budget': 1 },
        },
      }),
      request: () => ({ payload: { state: { keeps: [], projects: [], restorable: [], held: [] } } }),
    });
    const { out } = await run(['status']);
    expect(out.split('\n')).toEqual([
      'Bursar in us-east-1, 2026-11-25 10:30 UTC: 1 resource, 1 running for $2.82/h, 2500 findings not shown',
      '',
      'fraud-detection',
      '  RESOURCE  SIZE              USD/H  WHAT (UTC)         WHY',
      '  churn     2 × ml.g5.xlarge  $2.82  warn, stops 10:40  No invocations for 20 min.',
      '                                     within budget      Its budget has room.',
      '',
    ]);
  });

  it('shows what an older sweep tells: an ARN and why', async () => {
    const arn = 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn';
    fake.behave({
      sweep: () => ({
        payload: {
          ...SWEEP,
          decided: [],
          decisions: {},
          leftAlone: [{ arn, verdict: 'busy', why: 'In use.' }],
        },
      }),
      request: () => ({ payload: { state: { keeps: [], projects: [], restorable: [], held: [] } } }),
    });
    expect((await run(['status'])).out).toMatch(/churn .* busy {8}In use\.\n/);
  });
});
