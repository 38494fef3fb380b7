import { describe, expect, it } from 'vitest';
import {
  AuditAnswerSchema,
  OutcomesAnswerSchema,
  StateAnswerSchema,
  WishAnswerSchema,
} from '../../lib/people/answer.ts';
import type { Person, Request } from '../../lib/people/request.ts';
import { ACCOUNT, REGION } from '../../lib/simulate/account/state.ts';
import { microUsd, parseUsd } from '../../lib/types/money.ts';
import type { Resource } from '../../lib/types/resource.ts';
import type { BudgetReading } from '../../lib/types/spend.ts';
import { AT, arnOf, createPeopleStage, holdAt, type PeopleStage } from '../people/stage.ts';

const ID = 'i-00000000000000001';
const ARN = arnOf(ID);
const by: Person = { via: 'cli', id: 'arn:aws:sts::111122223333:assumed-role/dev/olga', name: 'olga' };
const keepRequest = (fields: Partial<Extract<Request, { ask: 'keep' }>> = {}): Request => ({
  ask: 'keep',
  arns: [ARN],
  term: { seconds: 7_200 },
  by,
  id: 'wish-1',
  ...fields,
});

const resource = (id: string, project = 'recsys'): Resource => ({
  kind: 'ec2-instance',
  arn: arnOf(id),
  id,
  account: ACCOUNT,
  region: REGION,
  tags: { project, environment: 'dev' },
  state: 'running',
  since: AT,
  size: 'g5.xlarge',
  protections: [],
  hourly: parseUsd('3.825'),
});

const stopped = ({ ledger }: PeopleStage, id: string, project = 'recsys') =>
  ledger.saveRestore({
    arn: arnOf(id),
    resource: resource(id, project),
    project,
    trigger: 'idle',
    savedAt: AT,
    state: 'stopped',
    record: {},
  });

async function setUp() {
  const stage = await createPeopleStage();
  stage.add(ID);
  const wish = async (request: Request) => WishAnswerSchema.parse(await stage.ask(request)).answered;
  return { ...stage, wish };
}

describe('keep', () => {
  it('is done at once and says what it costs', async () => {
    const stage = await setUp();
    expect(await stage.wish(keepRequest())).toEqual([
      {
        arn: ARN,
        status: 'done',
        text: 'Kept until 2026-11-25 12:30 UTC (13:30 in Europe/Berlin). That costs $7.65 at $3.825/h.',
        key: `keep/${ARN}/wish-1`,
      },
    ]);
    expect((await stage.ledger.keeps(ACCOUNT, REGION, AT)).get(ARN)).toMatchObject({
      by: 'olga (command line)',
    });
  });

  it('asked twice under one id is done once', async () => {
    const stage = await setUp();
    const first = await stage.wish(keepRequest());
    stage.skip(60_000);
    const second = await stage.wish(keepRequest());
    expect(second[0]).toMatchObject({ status: 'done', key: first[0]?.key });
    const kept = (await stage.ledger.keeps(ACCOUNT, REGION, AT)).get(ARN);
    expect(kept).toMatchObject({ until: new Date('2026-11-25T12:30:00Z'), count: 1 });
  });

  it('asked at the same time under one id is done once', async () => {
    const stage = await setUp();
    await Promise.allSettled([1, 2, 3].map(() => stage.wish(keepRequest())));
    expect((await stage.ledger.keeps(ACCOUNT, REGION, AT)).get(ARN)).toMatchObject({ count: 1 });
  });

  it('answers for each, in the order asked, and tells what cannot be', async () => {
    const stage = await setUp();
    const gone = arnOf('i-00000000000000009');
    const elsewhere = ARN.replace('us-east-1', 'eu-west-1');
    const foreign = ARN.replace(ACCOUNT, '999988887777');
    const other = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:x`;
    const answers = await stage.wish(keepRequest({ arns: [gone, elsewhere, ARN, 'i-1', foreign, other] }));
    expect(answers.map(({ arn, status }) => [arn, status])).toEqual([
      [gone, 'nothing-to-do'],
      [elsewhere, 'refused'],
      [ARN, 'done'],
      ['i-1', 'refused'],
      [foreign, 'refused'],
      [other, 'refused'],
    ]);
    expect(answers.map(({ text }) => text)).toEqual([
      'It does not exist (any more).',
      'Region eu-west-1 is not in the scope of the policy file.',
      expect.stringContaining('Kept until'),
      'It is no ARN of a resource that runs in a region.',
      `It is of account 999988887777, and Bursar watches ${ACCOUNT}.`,
      'Bursar looks after nothing of lambda.',
    ]);
  });

  it('for too long, or for a time that has passed, is refused', async () => {
    const stage = await setUp();
    const [long] = await stage.wish(keepRequest({ term: { seconds: 31 * 86_400 } }));
    expect(long).toMatchObject({ status: 'refused', text: expect.stringContaining('bursar:keep-until') });
    const [past] = await stage.wish(keepRequest({ term: { at: '2026-11-25T10:00:00Z' } }));
    expect(past?.status).toBe('refused');
    expect((await stage.ledger.keeps(ACCOUNT, REGION, AT)).size).toBe(0);
  });

  it('of what has no known price says so', async () => {
    const stage = await setUp();
    stage.requestDeps.regions.forEach((context) => {
      Object.assign(context.prices, { hourly: async () => undefined });
    });
    const [answer] = await stage.wish(keepRequest());
    expect(answer?.text).toContain('What that costs is not known.');
  });

  it('a fifth time needs nobody: who may invoke is an operator', async () => {
    const stage = await setUp();
    for (let n = 1; n <= 5; n += 1) {
      const [answer] = await stage.wish(keepRequest({ id: `wish-${n}`, term: { seconds: n * 7_200 } }));
      expect(answer?.status).toBe('done');
    }
  });
});

it('who invokes the function and says that they come from Slack is who IAM let in, not whom they name', async () => {
  const stage = await setUp();
  const [answer] = await stage.wish(keepRequest({ by: { via: 'slack', id: 'UEVE00001', name: 'eve' } }));
  expect(answer?.status).toBe('done');
  expect((await stage.ledger.keeps(ACCOUNT, REGION, AT)).get(ARN)?.by).toBe('eve (command line)');
});

describe('stop', () => {
  it('of what has no project is refused at once, and says why', async () => {
    const stage = await setUp();
    stage.add('i-00000000000000003', '');
    const arns = [arnOf('i-00000000000000003')];
    const answers = await stage.wish({ ask: 'stop', arns, by, id: 'wish-1' });
    expect(answers).toMatchObject([
      { status: 'refused', text: 'It has no tag project, so Bursar stops it for nobody.' },
    ]);
    expect(stage.commands).toEqual([]);
  });

  it('is asked of the enforcer, and what became of it can be asked', async () => {
    const stage = await setUp();
    const answers = await stage.wish({ ask: 'stop', arns: [ARN], reason: 'Forgotten.', by, id: 'wish-1' });
    const key = `person/wish-1/${ARN}`;
    expect(answers).toEqual([{ arn: ARN, status: 'asked', text: 'It is being stopped.', key }]);
    expect(stage.commands).toMatchObject([
      { action: 'stop', trigger: 'person', key, reason: 'olga (command line) asked for it: Forgotten.' },
    ]);
    const ask = async () =>
      OutcomesAnswerSchema.parse(await stage.ask({ ask: 'outcomes', keys: [key, 'other'] }));
    expect(await ask()).toEqual({ outcomes: { [key]: { status: 'unknown' }, other: { status: 'unknown' } } });
    await stage.requestDeps.carryOut({ id: 'b', issuedAt: stage.now(), decisions: stage.commands });
    expect((await ask()).outcomes[key]?.status).toBe('taken');
    expect(stage.account.effects.map(({ id }) => id)).toEqual([ID]);
  });

  it('of what is stopped is nothing', async () => {
    const stage = await setUp();
    const one = stage.account.instances.get(ID);
    if (one !== undefined) stage.account.instances.set(ID, { ...one, stoppedAt: AT });
    const [answer] = await stage.wish({ ask: 'stop', arns: [ARN], by, id: 'wish-1' });
    expect(answer).toMatchObject({ status: 'nothing-to-do', text: 'It is stopped already.' });
    expect(stage.commands).toEqual([]);
  });
});

describe('restore', () => {
  const other = 'i-00000000000000002';

  it('of a project brings back all that waits', async () => {
    const stage = await setUp();
    await stopped(stage, ID);
    await stopped(stage, other);
    await stopped(stage, 'i-00000000000000003', 'fraud');
    await stage.ledger.setRestoreState(arnOf(other), AT, 'restored');
    const answers = await stage.wish({ ask: 'restore', what: { project: 'recsys' }, by, id: 'wish-1' });
    expect(answers).toEqual([
      {
        arn: ARN,
        status: 'asked',
        text: 'It is being restored.',
        key: `restore/${ARN}/${AT.toISOString()}/wish-1`,
      },
    ]);
    expect(stage.commands.map(({ action, key }) => [action, key])).toEqual([['restore', answers[0]?.key]]);
  });

  it.each([
    ['restored', 'It was restored before.'],
    ['restoring', 'It is being restored already.'],
  ] as const)('of what is %s is nothing', async (state, text) => {
    const stage = await setUp();
    await stopped(stage, ID);
    await stage.ledger.setRestoreState(ARN, AT, state);
    const answers = await stage.wish({
      ask: 'restore',
      what: { arns: [ARN, arnOf(other)] },
      by,
      id: 'wish-1',
    });
    expect(answers.map((answer) => answer.text)).toEqual([
      text,
      expect.stringContaining('has not stopped it'),
    ]);
    expect(stage.commands).toEqual([]);
  });

  it('into a frozen project says that it will not last', async () => {
    const stage = await setUp();
    await stopped(stage, ID);
    await stage.ledger.freeze('recsys', new Date('2026-12-01T00:00:00Z'));
    const [answer] = await stage.wish({ ask: 'restore', what: { arns: [ARN] }, by, id: 'wish-1' });
    expect(answer?.text).toContain('Project recsys is frozen until 2026-12-01 00:00 UTC');
  });

  it('of a project of which nothing waits says so', async () => {
    const stage = await setUp();
    const [answer] = await stage.wish({ ask: 'restore', what: { project: 'recsys' }, by, id: 'wish-1' });
    expect(answer).toEqual({
      status: 'nothing-to-do',
      text: 'Nothing of project recsys waits to be restored.',
    });
  });
});

it('a release is done once', async () => {
  const stage = await setUp();
  const ask = (id: string) => stage.wish({ ask: 'release', heldAt: AT.toISOString(), by, id });
  expect(await ask('wish-0')).toMatchObject([
    { status: 'nothing-to-do', text: expect.stringContaining('Nothing is held back since') },
  ]);
  await holdAt(stage.ledger, AT);
  expect(await ask('wish-1')).toMatchObject([{ status: 'done', key: `release/${AT.toISOString()}` }]);
  expect(await ask('wish-1')).toMatchObject([{ status: 'done' }]);
  expect(await ask('wish-2')).toMatchObject([{ status: 'nothing-to-do' }]);
});

describe('the audit trail', () => {
  it('of a resource, a project or everything tells who asked', async () => {
    const stage = await setUp();
    await stage.wish(keepRequest({ reason: 'It trains' }));
    const since = '2026-11-25T00:00:00Z';
    for (const of of [{ arn: ARN }, { project: 'recsys' }, {}]) {
      const { audit, left } = AuditAnswerSchema.parse(await stage.ask({ ask: 'audit', of, since }));
      expect(audit.map(({ event, action, by: who, arn }) => [event, action, who, arn])).toEqual([
        ['intended', 'keep', 'olga (command line)', ARN],
        ['taken', 'keep', 'olga (command line)', ARN],
      ]);
      expect(audit[0]?.reason).toBe('olga (command line) keeps it: It trains.');
      expect(left).toBeUndefined();
    }
  });

  it('that is too long for an answer gives the newest, and counts the rest', async () => {
    const stage = await setUp();
    const reason = 'x'.repeat(200_000);
    for (let n = 0; n < 15; n += 1) {
      const notice = {
        action: 'notify' as const,
        trigger: 'idle' as const,
        key: `notify/${n}`,
        project: 'recsys',
        reason,
        rule: { policy: 'p', rule: 'r' },
        target: resource(ID),
      };
      await stage.requestDeps.carryOut({ id: `b${n}`, issuedAt: stage.now(), decisions: [notice] });
      stage.skip(1_000);
    }
    const answer = AuditAnswerSchema.parse(
      await stage.ask({ ask: 'audit', of: { arn: ARN }, since: '2026-11-25T00:00:00Z' }),
    );
    expect(answer.audit.length + (answer.left ?? 0)).toBe(30);
    expect(answer.left).toBeGreaterThan(0);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6_000_000);
    expect(answer.audit.at(-1)?.at).toBe('2026-11-25T10:30:14.000Z');
  });
});

it('the state tells what is over budget by whom: AWS Budgets, and the meter for each limit', async () => {
  const stage = await setUp();
  const until = new Date('2026-12-01T00:00:00Z');
  const byBudgets: BudgetReading = {
    source: 'budgets',
    budgetName: 'bursar-recsys',
    holder: 'recsys',
    limit: microUsd(12_000_000_000n),
    actual: microUsd(12_480_500_000n),
    forecasted: undefined,
    meter: undefined,
    period: '2026-11-01',
    asOf: AT,
  };
  const figures = { low: microUsd(0n), high: microUsd(0n), burn: microUsd(0n) };
  const byMeter: BudgetReading = {
    ...byBudgets,
    source: 'meter-day',
    limit: microUsd(400_000_000n),
    actual: undefined,
    meter: { billed: microUsd(400_000_000n), estimated: microUsd(12_250_000n), ...figures },
    period: '2026-11-25',
  };
  for (const reading of [byMeter, byBudgets]) await stage.ledger.markBreach(reading, until);
  await stage.ledger.markBreach({ ...byMeter, holder: 'fraud', source: 'meter-total' }, until);
  const { state } = StateAnswerSchema.parse(await stage.ask({ ask: 'state' }));
  const asOf = AT.toISOString();
  expect(state.projects.toSorted((a, b) => a.project.localeCompare(b.project))).toEqual([
    {
      project: 'fraud',
      estimates: [{ source: 'meter-total', spent: '412.25', limit: '400', asOf }],
      reached: [],
    },
    {
      project: 'recsys',
      breach: { actual: '12480.5', limit: '12000', asOf },
      estimates: [{ source: 'meter-day', spent: '412.25', limit: '400', asOf }],
      reached: [],
    },
  ]);
});

it('the state tells what is kept, frozen, restorable and held', async () => {
  const stage = await setUp();
  await stage.wish(keepRequest());
  await stopped(stage, 'i-00000000000000002');
  await stage.ledger.freeze('recsys', new Date('2026-12-01T00:00:00Z'));
  const heldAt = [new Date('2026-11-25T10:25:00Z'), new Date('2026-11-25T10:20:00Z')];
  const watch = {
    since: AT,
    busyAt: undefined,
    stopAt: undefined,
    heldDue: 3,
    toldAt: undefined,
    orderedAt: undefined,
  };
  await stage.ledger.saveWatches(
    ACCOUNT,
    REGION,
    heldAt.map((at, n) => ({ ...watch, arn: arnOf(`i-${n}`), heldAt: at })),
    AT,
  );
  const { state } = StateAnswerSchema.parse(await stage.ask({ ask: 'state' }));
  expect(state).toEqual({
    keeps: [{ arn: ARN, until: '2026-11-25T12:30:00.000Z', by: 'olga (command line)', count: 1 }],
    projects: [{ project: 'recsys', frozenUntil: '2026-12-01T00:00:00.000Z', reached: [] }],
    restorable: [
      {
        arn: arnOf('i-00000000000000002'),
        id: 'i-00000000000000002',
        project: 'recsys',
        kind: 'ec2-instance',
        savedAt: AT.toISOString(),
        trigger: 'idle',
        state: 'stopped',
      },
    ],
    held: ['2026-11-25T10:20:00.000Z', '2026-11-25T10:25:00.000Z'],
  });
  await stage.wish({ ask: 'release', heldAt: '2026-11-25T10:20:00.000Z', by, id: 'wish-2' });
  stage.skip(3 * 3_600_000);
  const later = StateAnswerSchema.parse(await stage.ask({ ask: 'state' })).state;
  expect(later.held).toEqual(['2026-11-25T10:25:00.000Z']);
  expect(later.keeps).toEqual([]);
});
