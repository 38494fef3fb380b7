import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approveCommand } from '../../lib/cli/approve.ts';
import { type ExitCode, UsageError } from '../../lib/cli/io.ts';
import { readPlanFile } from '../../lib/cli/plan-file.ts';
import { RequestSchema } from '../../lib/people/request.ts';
import { planHashOf } from '../../lib/plan/hash.ts';
import { CALLER, type FakeBursar, startFakeBursar } from './fake-bursar.ts';
import { instance, STATE, SWEEP } from './fixtures.ts';
import { NOW, recordedIo, run, useFake } from './run-cli.ts';

let fake: FakeBursar;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bursar-approve-'));
  fake = await startFakeBursar();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await fake.stop();
});
let answer: { readonly status: string; readonly text: string };
beforeEach(() => {
  useFake(fake);
  answer = { status: 'done', text: 'It is approved.' };
  fake.asked.length = 0;
  fake.behave({ request: () => ({ payload: { answered: [answer] } }) });
});

/** Runs the command by itself. */
async function approve(...args: readonly string[]) {
  let code: ExitCode | undefined;
  const { io, said: wrote } = recordedIo({ now: () => NOW });
  const command = approveCommand(io, (ended) => {
    code = ended;
  }).exitOverride();
  command.configureOutput({ writeErr: () => {} });
  const error = await command.parseAsync([...args], { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const said = error instanceof UsageError ? error.message : undefined;
  if (error !== undefined && said === undefined) throw error;
  return { code, out: wrote.out, said };
}

const policyHash = `sha256:${'a'.repeat(64)}`;
const lists = { development: [instance('i-1'), instance('i-2')], ' untagged': [instance('i-3')] };
const hash = planHashOf(policyHash, new Map(Object.entries(lists)));
/** As `bursar plan --json` writes it, with much else in it. */
const plan = { hash, policyHash, lists, lines: [{ arn: instance('i-1') }], at: NOW.toISOString() };

const written = (content: unknown, name = 'plan.json'): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

describe('bursar approve', () => {
  it('sends the hash and the lists of the plan, and nothing else of it', async () => {
    const file = written(plan);
    expect(await approve(hash, '--plan', file, '--reason', 'reviewed')).toEqual({
      code: 0,
      out: 'done  It is approved.\n',
      said: undefined,
    });
    const [{ payload } = { payload: undefined }] = fake.asked;
    expect(RequestSchema.parse(payload)).toEqual(payload);
    expect(payload).toEqual({
      ask: 'approve',
      hash,
      policyHash,
      lists,
      reason: 'reviewed',
      by: { via: 'cli', id: CALLER, name: 'ana' },
      id: expect.stringMatching(/^cli\//),
    });
  });

  it('ends with 1 where it is refused', async () => {
    answer = { status: 'refused', text: 'It was planned with another policy than the deployed one.' };
    expect(await approve(hash, '--plan', written(plan))).toMatchObject({
      code: 1,
      out: 'refused  It was planned with another policy than the deployed one.\n',
    });
  });

  it('asks nothing of a plan other than the one that was reviewed', async () => {
    const other = `sha256:${'b'.repeat(64)}`;
    const { said } = await approve(other, '--plan', written(plan));
    expect(said).toBe(
      `${join(folder, 'plan.json')}: It is the plan ${hash}, not ${other}. Name the file of the plan that you reviewed.`,
    );
    expect(fake.asked).toEqual([]);
  });

  it.each([
    ['a list that was added to', { ...plan, lists: { ...lists, development: [instance('i-9')] } }, 'changed'],
    ['another policy', { ...plan, policyHash: `sha256:${'c'.repeat(64)}` }, 'changed since it was made'],
    ['no plan', { hash: 'abc' }, 'This is no plan (hash: '],
    ['no JSON', 'arn:1', 'This is no plan (the whole file: '],
  ])('refuses %s', async (_what, content, says) => {
    expect((await approve(hash, '--plan', written(content))).said).toContain(says);
    expect(fake.asked).toEqual([]);
  });

  it('says where there is no such file, and how to make one', async () => {
    expect((await approve(hash, '--plan', join(folder, 'none.json'))).said).toContain(
      'none.json: No such file. Make it by bursar plan --json > plan.json.',
    );
  });

  it('takes 10,000 resources, and refuses what Lambda would', async () => {
    const many = (count: number) => {
      const arns = {
        development: Array.from({ length: count }, (_, n) => instance(`i-0123456789abcde${n}`)),
      };
      const large = planHashOf(policyHash, new Map(Object.entries(arns)));
      return { hash: large, policyHash, lists: arns };
    };
    const fits = many(10_000);
    expect((await readPlanFile(written(fits), fits.hash)).lists.development).toHaveLength(10_000);
    const tooMany = many(90_000);
    await expect(readPlanFile(written(tooMany), tooMany.hash)).rejects.toThrow(
      /Its lists are [67]\.\d MB, and Lambda takes no more than 5\.9 MB at once\./,
    );
  });
});

describe('bursar status, where approval is required', () => {
  const status = async (approval: object) => {
    fake.behave({
      sweep: () => ({ payload: SWEEP }),
      request: () => ({ payload: { state: { ...STATE, approval } } }),
    });
    const { out } = await run(['status']);
    return out.split('\n')[1];
  };
  const last = { hash, resources: 2, at: '2026-11-25T09:00:00.000Z', by: 'ana (command line)' };

  it('says which plan is approved, or that none is', async () => {
    expect(await status({ current: true, last })).toBe(
      `Approval is required: plan ${hash.slice(0, 19)}… of 2 resources, approved 2026-11-25 09:00 UTC by ana (command line)`,
    );
    expect(await status({ current: false, last })).toContain('is of another policy: nothing is stopped.');
    expect(await status({ current: false })).toBe(
      'Approval is required, and no plan is approved: nothing is stopped. bursar plan --json > plan.json, then bursar approve',
    );
  });

  it('gives it to machines', async () => {
    fake.behave({
      sweep: () => ({ payload: SWEEP }),
      request: () => ({ payload: { state: { ...STATE, approval: { current: true, last } } } }),
    });
    expect(JSON.parse((await run(['status', '--json'])).out)).toMatchObject({
      approval: { current: true, last },
    });
  });
});
