import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RequestSchema } from '../../lib/people/request.ts';
import { CALLER, type FakeBursar, startFakeBursar } from './fake-bursar.ts';
import { endpoint, instance, STATE, SWEEP } from './fixtures.ts';
import { run, useFake } from './run-cli.ts';

type Answered = readonly { status: string; text: string; arn?: string; key?: string }[];

let fake: FakeBursar;
let answered: Answered;
/** What became of the keys, by how many times they were asked for. */
let outcomes: (poll: number) => Readonly<Record<string, object>>;
let polls: number;
beforeAll(async () => {
  fake = await startFakeBursar();
});
afterAll(() => fake.stop());
beforeEach(() => {
  useFake(fake);
  polls = 0;
  outcomes = () => ({});
  answered = [{ status: 'done', text: 'Done.' }];
  fake.behave({
    sweep: () => ({ payload: SWEEP }),
    request: ({ ask }) => {
      if (ask === 'state') return { payload: { state: STATE } };
      if (ask !== 'outcomes') return { payload: { answered } };
      polls += 1;
      return { payload: { outcomes: outcomes(polls) } };
    },
  });
});

/** The wish that the request function got. */
const wished = (): unknown =>
  fake.asked
    .map(({ payload }) => RequestSchema.safeParse(payload).data)
    .find((one) => one !== undefined && 'by' in one);

const BY = { via: 'cli', id: CALLER, name: 'ana' };
const A = instance('i-0aaa');

describe('bursar keep', () => {
  it('says for how long, by whom and why', async () => {
    answered = [{ status: 'done', arn: A, text: 'Kept until 2026-11-25 12:30 UTC; that is up to $2.01.' }];
    expect(await run(['keep', A, '--for', '2h', '--reason', 'the demo'])).toEqual({
      code: 0,
      err: '',
      out: 'done  i-0aaa  Kept until 2026-11-25 12:30 UTC; that is up to $2.01.\n',
    });
    expect(wished()).toEqual({
      ask: 'keep',
      arns: [A],
      term: { seconds: 7_200 },
      reason: 'the demo',
      by: BY,
      id: expect.stringMatching(/^cli\/[0-9a-f-]{36}$/),
    });
    expect(fake.asked).toHaveLength(1);
  });

  it('takes ids, and each once', async () => {
    await run(['keep', 'i-0aaa', 'churn', A, 'old', '--until', 'tomorrow']);
    expect(wished()).toMatchObject({ arns: [A, endpoint('churn'), endpoint('old')], term: 'tomorrow' });
  });

  it('gives a wish of its own to each run', async () => {
    await run(['keep', A, '--for', '2h']);
    await run(['keep', A, '--for', '2h']);
    const ids = fake.asked
      .map(({ payload }) => RequestSchema.parse(payload))
      .flatMap((one) => ('id' in one ? [one.id] : []));
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    ['refused', 'refused'],
    ['needs-approval', 'needs approval'],
  ])('%s is a no', async (status, word) => {
    answered = [
      { status: 'done', arn: A, text: 'Kept.' },
      { status, arn: endpoint('churn'), text: 'Ask team-alpha.' },
    ];
    const { code, out } = await run(['keep', A, endpoint('churn'), '--for', '2h']);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^done +i-0aaa +Kept\\.\\n${word} +churn +Ask team-alpha\\.\\n$`));
  });

  it('gives it to machines', async () => {
    answered = [{ status: 'refused', arn: A, text: 'No.' }];
    const { code, out } = await run(['keep', A, '--for', '2h', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      ok: false,
      ask: 'keep',
      id: expect.stringMatching(/^cli\//),
      by: BY,
      resources: [{ status: 'refused', arn: A, text: 'No.' }],
    });
  });

  it.each([
    [[A], 'Say how long: --for 2h, --until tomorrow or --until 2026-12-01T09:00.'],
    [[A, '--for', 'ever'], '--for: "ever" is no length of time. Write 90m, 2h or 3d.'],
    [
      [A, '--for', '2h', '--until', 'tomorrow'],
      "option '--for <time>' cannot be used with option '--until <time>'",
    ],
    [['--for', '2h'], "missing required argument 'resource'"],
    [
      ['nobody', '--for', '2h'],
      'Bursar sees no resource "nobody". bursar status lists them; an ARN always works.',
    ],
    [
      ['ranker', '--for', '2h'],
      `"ranker" names 2 resources. Name one by its ARN:\n  ${endpoint('ranker')}  (recsys)\n  ${endpoint('ranker', 'eu-west-1')}  (recsys)\n`,
    ],
    [
      [...Array.from({ length: 101 }, (_, n) => instance(`i-${n}`)), '--for', '2h'],
      'These are 101 resources. Name at most 100 at once.',
    ],
    [
      [A, '--for', '2h', '--reason', 'x'.repeat(501)],
      '--reason: Write at most 500 characters; these are 501.',
    ],
  ])('refuses %#', async (args, says) => {
    const { code, out, err } = await run(['keep', ...args]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
    expect(wished()).toBeUndefined();
  });
});

describe('bursar stop', () => {
  beforeEach(() => {
    answered = [
      { status: 'asked', arn: A, text: 'It is being stopped.', key: 'a' },
      { status: 'asked', arn: endpoint('churn'), text: 'It is being shut down.', key: 'b' },
    ];
  });
  const stop = ['stop', A, endpoint('churn'), '--yes'];

  it('waits for the outcome of each', async () => {
    outcomes = (poll) => ({
      a:
        poll < 3
          ? { status: poll === 1 ? 'unknown' : 'intended' }
          : { status: 'taken', detail: 'Stopped. It saves $1.01/h.' },
      b: { status: 'skipped', code: 'AlreadyStopped', detail: 'It was stopped already.' },
    });
    expect(await run([...stop, '--reason', 'forgotten'])).toEqual({
      code: 0,
      err: '',
      out: 'done           i-0aaa  Stopped. It saves $1.01/h.\nnothing to do  churn   It was stopped already.\n',
    });
    expect(wished()).toMatchObject({
      ask: 'stop',
      arns: [A, endpoint('churn')],
      reason: 'forgotten',
      by: BY,
    });
    const asked = fake.asked.map(({ payload }) => payload);
    expect(asked.slice(1)).toEqual([
      { ask: 'outcomes', keys: ['a', 'b'] },
      { ask: 'outcomes', keys: ['a'] },
      { ask: 'outcomes', keys: ['a'] },
    ]);
  });

  it.each([
    [
      { status: 'failed', code: 'UnsupportedOperation', detail: 'One-time Spot.' },
      'failed +i-0aaa +UnsupportedOperation: One-time Spot\\.',
    ],
    [
      { status: 'skipped', code: 'OutOfScope', detail: 'Elsewhere.' },
      'left alone +i-0aaa +OutOfScope: Elsewhere\\.',
    ],
  ])('%j is a no', async (outcome, line) => {
    outcomes = () => ({ a: outcome, b: { status: 'taken', detail: 'Shut down.' } });
    const { code, out } = await run(stop);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^${line}\\ndone +churn +Shut down\\.\\n$`));
  });

  it('gone is as good as stopped', async () => {
    const gone = { status: 'skipped', code: 'Gone', detail: 'It no longer exists.' };
    outcomes = () => ({ a: gone, b: gone });
    expect((await run(stop)).code).toBe(0);
  });

  it('gives up after 90 seconds', async () => {
    outcomes = () => ({ a: { status: 'taken', detail: 'Stopped.' }, b: { status: 'intended' } });
    const { code, out } = await run(stop);
    expect(code).toBe(1);
    expect(out).toContain(
      'not yet  churn   It is being shut down. Still under way after 90 s; bursar audit tells what became of it.\n',
    );
    expect(polls).toBe(32);
  });

  it('gives outcomes to machines', async () => {
    outcomes = () => ({ a: { status: 'taken', detail: 'Stopped.' }, b: { status: 'unknown' } });
    const { code, out } = await run([...stop, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      ask: 'stop',
      resources: [
        { arn: A, status: 'asked', key: 'a', outcome: { status: 'taken', detail: 'Stopped.' } },
        { arn: endpoint('churn'), status: 'asked', key: 'b' },
      ],
    });
  });

  it('says that it was asked for where the outcome cannot be read', async () => {
    outcomes = () => {
      throw new Error('the fake breaks');
    };
    const { code, err } = await run(stop);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^It was asked for, but what became of it could not be read: .* bursar audit tells it later\.\n$/,
    );
  });

  it('--no-wait waits for nothing', async () => {
    expect(await run([...stop, '--no-wait'])).toMatchObject({
      code: 0,
      out: 'asked  i-0aaa  It is being stopped.\nasked  churn   It is being shut down.\n',
    });
    expect(polls).toBe(0);
  });

  it('shows what it would stop, and asks', async () => {
    const questions: string[] = [];
    const { code, out, err } = await run(['stop', 'i-0aaa', 'churn'], {
      confirm: async (question) => {
        questions.push(question);
        return false;
      },
    });
    expect({ code, out, questions }).toEqual({ code: 1, out: '', questions: ['Stop now?'] });
    expect(err.split('\n')).toEqual([
      '  i-0aaa  fraud-detection  g5.xlarge         $1.01/h',
      '  churn   fraud-detection  2 × ml.g5.xlarge  $2.82/h',
      '  $3.82/h together',
      'Nothing was stopped.',
      '',
    ]);
    expect(wished()).toBeUndefined();
    await run(['stop', 'i-0aaa', '--no-wait'], { confirm: async () => true });
    expect(wished()).toMatchObject({ ask: 'stop', arns: [A] });
  });

  it('needs --yes where nobody can be asked, and asks AWS nothing before', async () => {
    expect(await run(['stop', 'i-0aaa'])).toEqual({
      code: 2,
      out: '',
      err: 'Nobody is at a terminal to confirm it. Give --yes to go on without asking.\n',
    });
    expect(fake.asked).toEqual([]);
  });
});

describe('bursar restore', () => {
  it.each([
    [['recsys'], { project: 'recsys' }],
    [['--project', 'never-heard-of'], { project: 'never-heard-of' }],
    [['old', 'i-0ddd'], { arns: [endpoint('old'), instance('i-0ddd')] }],
    [[endpoint('any')], { arns: [endpoint('any')] }],
    // Nothing of these waits to be restored any more; that is for Bursar to say.
    [['i-0bbb'], { arns: [instance('i-0bbb')] }],
    [['fraud-detection'], { project: 'fraud-detection' }],
  ])('%j', async (args, what) => {
    await run(['restore', ...args, '--no-wait']);
    expect(wished()).toMatchObject({ ask: 'restore', what, by: BY });
  });

  it.each([
    [{ status: 'taken', detail: 'It is created again.' }, 0, 'done  old  It is created again.\n'],
    [{ status: 'skipped', code: 'AlreadyRunning', detail: 'It runs.' }, 0, 'nothing to do  old  It runs.\n'],
    [
      { status: 'skipped', code: 'InProgress', detail: 'It is coming.' },
      0,
      'nothing to do  old  It is coming.\n',
    ],
    [{ status: 'skipped', code: 'Gone', detail: 'It is gone.' }, 1, 'left alone  old  Gone: It is gone.\n'],
  ])('waits: %j', async (outcome, code, out) => {
    answered = [{ status: 'asked', arn: endpoint('old'), text: 'It is being restored.', key: 'k' }];
    outcomes = () => ({ k: outcome });
    expect(await run(['restore', 'old'])).toEqual({ code, err: '', out });
  });

  it('of a project with nothing to restore is nothing to do', async () => {
    answered = [{ status: 'nothing-to-do', text: 'Bursar stopped nothing of recsys.' }];
    expect(await run(['restore', 'recsys'])).toMatchObject({
      code: 0,
      out: 'nothing to do  Bursar stopped nothing of recsys.\n',
    });
  });

  it.each([
    [[], 'Name resources or a project, such as bursar restore churn-endpoint.'],
    [['old', '--project', 'recsys'], 'Name resources or a project'],
    [['olb'], 'Bursar stopped nothing named "olb" and sees no such resource or project. Did you mean old?'],
    [['nothing'], 'bursar status lists what can be restored.'],
    [['old', 'recsys'], '"recsys" is a project. Restore one project at a time, without resources.'],
  ])('refuses %j', async (args, says) => {
    const { code, err } = await run(['restore', ...args]);
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(wished()).toBeUndefined();
  });

  it('refuses a word that is a project and a resource', async () => {
    const [old] = STATE.restorable;
    const state = { ...STATE, restorable: [{ ...old, id: 'recsys', project: 'recsys' }] };
    fake.behave({ request: () => ({ payload: { state } }) });
    expect(await run(['restore', 'recsys'])).toMatchObject({
      code: 2,
      err: '"recsys" is a project and a resource. Write --project recsys, or name the resource by its ARN.\n',
    });
  });
});

describe('bursar unfreeze', () => {
  beforeEach(() => {
    answered = [{ status: 'asked', text: 'It is being unfrozen.', key: 'unfreeze/w/recsys' }];
  });

  it('asks for it, and waits for what became of it', async () => {
    outcomes = (poll) => ({
      'unfreeze/w/recsys':
        poll < 2 ? { status: 'intended' } : { status: 'taken', detail: 'Role developers may launch again.' },
    });
    expect(await run(['unfreeze', 'recsys', '--reason', 'the new budget is in'])).toEqual({
      code: 0,
      err: '',
      out: 'done  Role developers may launch again.\n',
    });
    expect(wished()).toEqual({
      ask: 'unfreeze',
      project: 'recsys',
      reason: 'the new budget is in',
      by: BY,
      id: expect.stringMatching(/^cli\//),
    });
    expect(polls).toBe(2);
  });

  it.each([
    [
      { status: 'skipped', code: 'AlreadyUnfrozen', detail: 'It was not frozen.' },
      0,
      'nothing to do  It was not frozen.\n',
    ],
    [
      { status: 'failed', code: 'RolesNotAllowed', detail: 'Role a may launch nothing still.' },
      1,
      'failed  RolesNotAllowed: Role a may launch nothing still.\n',
    ],
  ])('%j', async (outcome, code, out) => {
    outcomes = () => ({ 'unfreeze/w/recsys': outcome });
    expect(await run(['unfreeze', 'recsys'])).toEqual({ code, err: '', out });
  });

  it('gives it to machines, and waits for nothing where told so', async () => {
    const { code, out } = await run(['unfreeze', 'recsys', '--json', '--no-wait']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      ask: 'unfreeze',
      resources: [{ status: 'asked', key: 'unfreeze/w/recsys' }],
    });
    expect(polls).toBe(0);
  });

  it.each([
    ['refused', 1, 'refused  No.\n'],
    ['nothing-to-do', 0, 'nothing to do  No.\n'],
  ])('%s ends with %i', async (status, code, out) => {
    answered = [{ status, text: 'No.' }];
    expect(await run(['unfreeze', 'recsys'])).toEqual({ code, err: '', out });
  });

  it('needs a project', async () => {
    expect(await run(['unfreeze'])).toMatchObject({
      code: 2,
      err: expect.stringContaining("missing required argument 'project'"),
    });
  });
});

describe('bursar release', () => {
  it('releases what was held back', async () => {
    answered = [{ status: 'done', text: '12 stops are released.' }];
    expect(await run(['release', '2026-11-25T10:25:00Z', '--yes'])).toEqual({
      code: 0,
      err: '',
      out: 'done  12 stops are released.\n',
    });
    expect(wished()).toMatchObject({ ask: 'release', heldAt: '2026-11-25T10:25:00.000Z', by: BY });
  });

  it('asks first, and takes a no', async () => {
    const { code, err } = await run(['release', '2026-11-25T10:25:00Z'], { confirm: async () => false });
    expect({ code, err }).toEqual({ code: 1, err: 'Nothing was released.\n' });
    expect(wished()).toBeUndefined();
    expect((await run(['release', '2026-11-25T10:25:00Z'])).code).toBe(2);
    expect((await run(['release', 'all', '--yes'])).err).toContain('"all" is no time.');
  });
});
