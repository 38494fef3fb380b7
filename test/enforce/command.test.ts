import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeCommandBatch, encodeCommandBatch, toBatches } from '../../lib/enforce/command.ts';
import { sendCommands } from '../../lib/enforce/send-commands.ts';
import type { Decision } from '../../lib/types/decision.ts';
import { encodeDecision } from '../../lib/types/wire.ts';
import { instance, stop } from '../alerts/fixtures.ts';
import { anyDate, anyDecision, anyText } from '../types/arbitraries.ts';

const ISSUED = new Date('2026-11-25T10:30:00.000Z');
/** What SQS takes of one message, in bytes. */
const SQS_BYTES = 262_144;

const sized = (decision: Decision): number => Buffer.byteLength(JSON.stringify(encodeDecision(decision)));
const projectOf = ({ project }: Decision): string => project ?? '';

/** Decisions of few projects and up to 60 KB each, so that both limits of a batch come to bear. */
const someDecisions: fc.Arbitrary<readonly Decision[]> = fc.array(
  fc
    .tuple(anyDecision, fc.constantFrom('recsys', 'fraud', 'a/b'), fc.constantFrom(0, 0, 0, 20_000, 60_000))
    .map(([decision, project, padding]) => ({
      ...decision,
      project,
      reason: `${decision.reason}${'ü'.repeat(padding / 2)}`,
    })),
  { maxLength: 120 },
);

describe('a batch of commands', () => {
  it('comes back from its text as it was', () => {
    fc.assert(
      fc.property(
        fc.record({
          id: anyText.filter((id) => id.length > 0),
          issuedAt: anyDate,
          decisions: fc.array(anyDecision, { minLength: 1, maxLength: 5 }),
        }),
        (batch) => {
          expect(decodeCommandBatch(encodeCommandBatch(batch))).toEqual(batch);
        },
      ),
    );
  });

  it.each([
    ['no JSON', 'stop everything'],
    ['nothing', '{}'],
    [
      'another version',
      encodeCommandBatch({ id: 'a', issuedAt: ISSUED, decisions: [stop(instance(1))] }).replace(
        '"version":1',
        '"version":2',
      ),
    ],
    ['no decisions', JSON.stringify({ version: 1, id: 'a', issuedAt: ISSUED.toISOString(), decisions: [] })],
    [
      'a decision of another kind',
      JSON.stringify({
        version: 1,
        id: 'a',
        issuedAt: ISSUED.toISOString(),
        decisions: [{ action: 'terminate' }],
      }),
    ],
    ['no id', encodeCommandBatch({ id: '', issuedAt: ISSUED, decisions: [stop(instance(1))] })],
  ])('that is %s is refused', (_, body) => {
    expect(() => decodeCommandBatch(body)).toThrow();
  });
});

it('a batch keeps how a stop is done, and what is started though nothing was saved of it', () => {
  const decisions: readonly Decision[] = [
    { ...stop(instance(1)), trigger: 'schedule', manner: 'scale-down' },
    {
      action: 'restore',
      key: 'start/1',
      project: 'recsys',
      target: instance(1),
      by: 'the hours of policy development',
      reason: 'They begin.',
      unsaved: true,
    },
  ];
  const batch = { id: 'a', issuedAt: ISSUED, decisions };
  expect(decodeCommandBatch(encodeCommandBatch(batch))).toEqual(batch);
});

describe('the batches of many decisions', () => {
  it('hold them all, in order, one project each, at most 25 and within what SQS takes', () => {
    fc.assert(
      fc.property(someDecisions, (decisions) => {
        const batches = toBatches(decisions, 'sweep/1', ISSUED);
        for (const batch of batches) {
          expect(batch.decisions.length).toBeGreaterThan(0);
          expect(batch.decisions.length).toBeLessThanOrEqual(25);
          expect(new Set(batch.decisions.map(projectOf)).size).toBe(1);
          expect(Buffer.byteLength(encodeCommandBatch(batch))).toBeLessThan(SQS_BYTES);
          const bytes = batch.decisions.reduce((sum, one) => sum + sized(one), 0);
          expect(batch.decisions.length === 1 || bytes <= 200_000).toBe(true);
        }
        expect(new Set(batches.map(({ id }) => id)).size, 'ids are unique').toBe(batches.length);
        for (const project of new Set(decisions.map(projectOf))) {
          const sent = batches.flatMap((batch) =>
            batch.decisions.filter((one) => projectOf(one) === project),
          );
          expect(sent).toEqual(decisions.filter((one) => projectOf(one) === project));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are the same for the same decisions', () => {
    fc.assert(
      fc.property(someDecisions, (decisions) => {
        expect(toBatches(decisions, 'sweep/1', ISSUED)).toEqual(toBatches(decisions, 'sweep/1', ISSUED));
      }),
      { numRuns: 10 },
    );
  });

  it('are three for 60 decisions of one project, and none for none', () => {
    const decisions = Array.from({ length: 60 }, (_, n) => stop(instance(n), { key: `idle/${n}` }));
    const batches = toBatches(decisions, 'sweep/1', ISSUED);
    expect(batches.map((batch) => [batch.id, batch.decisions.length])).toEqual([
      ['sweep/1/recsys/1', 25],
      ['sweep/1/recsys/2', 25],
      ['sweep/1/recsys/3', 10],
    ]);
    expect(toBatches([], 'sweep/1', ISSUED)).toEqual([]);
  });

  it('are cut by bytes where the decisions are long', () => {
    const decisions = Array.from({ length: 5 }, (_, n) => stop(instance(n), { reason: 'x'.repeat(90_000) }));
    expect(toBatches(decisions, 'sweep/1', ISSUED).map((batch) => batch.decisions.length)).toEqual([2, 2, 1]);
  });
});

describe('sendCommands', () => {
  const sqs = mockClient(SQSClient);
  beforeEach(() => sqs.reset());

  const send = (decisions: readonly Decision[]) =>
    sendCommands(decisions, {
      sqs: new SQSClient({ region: 'us-east-1' }),
      queueUrl: 'https://sqs/commands',
      id: 'sweep/1',
      now: ISSUED,
    });

  it('sends each batch once, to the queue, and says how many', async () => {
    sqs.on(SendMessageCommand).resolves({});
    const decisions = Array.from({ length: 30 }, (_, n) => stop(instance(n), { key: `idle/${n}` }));
    expect(await send([...decisions, stop(instance(99), { project: 'fraud' })])).toBe(3);
    const sent = sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
    expect(new Set(sent.map(({ QueueUrl }) => QueueUrl))).toEqual(new Set(['https://sqs/commands']));
    const batches = sent.map(({ MessageBody }) => decodeCommandBatch(MessageBody ?? ''));
    expect(batches.flatMap((batch) => batch.decisions)).toHaveLength(31);
    for (const batch of batches) expect(batch.issuedAt).toEqual(ISSUED);
  });

  it('sends nothing for no decisions', async () => {
    expect(await send([])).toBe(0);
    expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
  });

  it('fails where one message cannot be sent: the whole is sent again', async () => {
    sqs.on(SendMessageCommand).resolvesOnce({}).rejects(new Error('the queue is out'));
    const decisions = Array.from({ length: 30 }, (_, n) => stop(instance(n), { key: `idle/${n}` }));
    await expect(send(decisions)).rejects.toThrow('the queue is out');
  });
});
