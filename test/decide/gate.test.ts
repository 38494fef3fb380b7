import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GateQuestion, judgeGate } from '../../lib/decide/gate.ts';
import { instanceFacts } from '../../lib/fleet/instance-facts.ts';
import { candidateFacts } from '../../lib/gate/candidate-facts.ts';
import type { GateCandidate } from '../../lib/types/gate.ts';
import { formatUsd, microUsd, parseUsd, ZERO_USD } from '../../lib/types/money.ts';

const usd = (text: string) => parseUsd(text) ?? ZERO_USD;

/** SageMaker hosting in us-east-1. */
const PRICES: Readonly<Record<string, string>> = {
  'ml.g5.12xlarge': '7.09',
  'ml.g5.2xlarge': '1.515',
  'ml.g5.xlarge': '1.408',
};

const candidate = (type: string, hourly = PRICES[type]): GateCandidate => ({
  hourly: hourly === undefined ? undefined : usd(hourly),
  ...candidateFacts(type),
});

const ask = (types: readonly string[], more: Partial<GateQuestion> = {}) =>
  judgeGate({
    project: 'recsys',
    limit: usd('5000'),
    committed: usd('3900'),
    hours: 730,
    candidates: types.map((type) => candidate(type)),
    needs: {},
    ...more,
  });

describe('$5,000 a month, $3,900 of them committed', () => {
  it('ml.g5.12xlarge adds $5,175.70 and projects $9,075.70: over', () => {
    const { verdict, judged } = ask(['ml.g5.12xlarge']);
    expect(verdict).toBe('over');
    expect(judged).toEqual([
      {
        type: 'ml.g5.12xlarge',
        verdict: 'over',
        adds: usd('5175.70'),
        projected: usd('9075.70'),
        over: usd('4075.70'),
        why: '$3,900.00 + $5,175.70 = $9,075.70, $4,075.70 over the limit of $5,000.00.',
      },
    ]);
  });

  it('ml.g5.2xlarge fails by $5.95', () => {
    const { verdict, judged } = ask(['ml.g5.2xlarge']);
    expect(verdict).toBe('over');
    expect(judged).toMatchObject([{ adds: usd('1105.95'), over: usd('5.95') }]);
  });

  it('ml.g5.xlarge gives $4,927.84: pass', () => {
    const outcome = ask(['ml.g5.xlarge']);
    expect(outcome).toMatchObject({ verdict: 'pass', judged: [{ verdict: 'pass', adds: usd('1027.84') }] });
    expect(formatUsd(outcome.judged[0]?.projected ?? ZERO_USD)).toBe('$4,927.84');
    expect(outcome).not.toHaveProperty('pick');
    expect(outcome.judged[0]).not.toHaveProperty('over');
  });

  const ALL = ['ml.g5.12xlarge', 'ml.g5.2xlarge', 'ml.g5.xlarge'];

  it('picks the first that passes and fits: 16 GiB and a GPU are in ml.g5.xlarge', () => {
    expect(ask(ALL)).toMatchObject({ verdict: 'over', pick: 'ml.g5.xlarge' });
    expect(ask(ALL, { needs: { memoryGiB: 16, gpus: 1 } })).toMatchObject({ pick: 'ml.g5.xlarge' });
  });

  it.each([
    [{ memoryGiB: 32 }, 'ml.g5.xlarge does not fit: it has 16 of 32 GiB of memory.'],
    [{ gpus: 4 }, 'ml.g5.xlarge does not fit: it has 1 of 4 GPUs.'],
    [
      { memoryGiB: 64, gpus: 2 },
      'ml.g5.xlarge does not fit: it has 16 of 64 GiB of memory, it has 1 of 2 GPUs.',
    ],
  ])('picks none where the needs are %j', (needs, why) => {
    const outcome = ask(ALL, { needs });
    expect(outcome).not.toHaveProperty('pick');
    expect(outcome.judged[2]).toMatchObject({ verdict: 'unfit' });
    expect(outcome.judged[2]?.why).toContain(why);
  });

  it('knows vCPUs and GPU memory as needs too', () => {
    expect(ask(ALL, { needs: { vcpu: 4, gpuMemoryGiB: 24 } })).toMatchObject({ pick: 'ml.g5.xlarge' });
    expect(ask(ALL, { needs: { vcpu: 8 } }).judged[2]?.why).toContain('it has 4 of 8 vCPUs.');
    expect(ask(ALL, { needs: { gpuMemoryGiB: 48 } }).judged[2]?.why).toContain(
      'it has 24 of 48 GiB of GPU memory.',
    );
  });

  it('what was asked for must fit as well', () => {
    expect(ask(['ml.g5.xlarge'], { needs: { gpus: 4 } })).toMatchObject({ verdict: 'over' });
  });

  it('a type that is not known fits no need, and one without a price never passes', () => {
    const unknown = candidate('ml.zz9.large', '0.01');
    expect(ask([], { candidates: [unknown], needs: { gpus: 1 } }).judged[0]).toMatchObject({
      verdict: 'unfit',
      why: 'ml.zz9.large does not fit: how many GPUs it has is not known. $3,900.00 + $7.30 = $3,907.30, within the limit of $5,000.00.',
    });
    expect(ask([], { candidates: [unknown] }).verdict).toBe('pass');
    const outcome = ask(['ml.m5.xlarge']);
    expect(outcome).toMatchObject({ verdict: 'over', judged: [{ verdict: 'unpriced' }] });
    expect(outcome.judged[0]).not.toHaveProperty('adds');
  });

  it('exactly the limit passes; a micro-dollar more does not, and is not told as $0.00', () => {
    expect(ask(['ml.g5.xlarge'], { committed: usd('3972.16') }).verdict).toBe('pass');
    const { verdict, judged } = ask(['ml.g5.xlarge'], { committed: usd('3972.160001') });
    expect(verdict).toBe('over');
    expect(judged[0]?.why).toBe(
      '$3,972.16 + $1,027.84 = $5,000.00, less than a cent over the limit of $5,000.00.',
    );
  });
});

const money = (max: bigint) => fc.bigInt({ min: 0n, max }).map(microUsd);

const someCandidate: fc.Arbitrary<GateCandidate> = fc.record({
  type: fc.constantFrom('a.large', 'b.large', 'c.large', 'd.large'),
  hourly: fc.option(money(100_000_000n), { nil: undefined }),
  memoryGiB: fc.option(fc.nat(1024), { nil: undefined }),
  gpus: fc.option(fc.nat(8), { nil: undefined }),
});

const someQuestion: fc.Arbitrary<GateQuestion> = fc.record({
  project: fc.constant('recsys'),
  limit: money(10_000_000_000n),
  committed: money(12_000_000_000n),
  hours: fc.integer({ min: 1, max: 744 }),
  candidates: fc.array(someCandidate, { minLength: 1, maxLength: 5 }),
  needs: fc.oneof(fc.constant({}), fc.record({ memoryGiB: fc.nat(1024), gpus: fc.nat(8) })),
});

describe('whatever is asked', () => {
  it('what passes is within the limit to the micro-dollar, and meets the needs', () => {
    fc.assert(
      fc.property(someQuestion, (question) => {
        const { judged, verdict, pick } = judgeGate(question);
        expect(judged.map(({ type }) => type)).toEqual(question.candidates.map(({ type }) => type));
        for (const [index, { verdict: said, projected, over }] of judged.entries()) {
          const { hourly, memoryGiB = -1, gpus = -1 } = question.candidates[index] ?? {};
          const exact =
            hourly === undefined ? undefined : question.committed + hourly * BigInt(question.hours);
          expect(projected).toBe(exact);
          const within = exact !== undefined && exact <= question.limit;
          const { memoryGiB: needed = 0, gpus: wanted = 0 } = question.needs;
          const fits = (needed === 0 || memoryGiB >= needed) && (wanted === 0 || gpus >= wanted);
          expect(said === 'pass').toBe(within && fits);
          expect(over).toBe(exact === undefined || within ? undefined : exact - question.limit);
        }
        expect(verdict === 'pass').toBe(judged[0]?.verdict === 'pass');
        const others = judged.slice(1).find((one) => one.verdict === 'pass')?.type;
        expect(pick).toBe(verdict === 'pass' ? undefined : others);
      }),
    );
  });

  it('more committed or a lower limit lets nothing pass that did not', () => {
    fc.assert(
      fc.property(someQuestion, money(1_000_000_000n), (question, more) => {
        const before = judgeGate(question);
        const after = judgeGate({ ...question, committed: microUsd(question.committed + more) });
        for (const [index, { verdict }] of after.judged.entries()) {
          if (verdict === 'pass') expect(before.judged[index]?.verdict).toBe('pass');
        }
      }),
    );
  });
});

describe('what is known of instance types', () => {
  it.each([
    ['ml.g5.xlarge', 16, 1],
    ['g5.12xlarge', 192, 4],
    ['p3.8xlarge', 244, 4],
    ['ml.p4d.24xlarge', 1152, 8],
    ['r5.large', 16, 0],
  ])('%s', (type, memoryGiB, gpus) => {
    expect(instanceFacts(type)).toMatchObject({ memoryGiB, gpus });
  });

  it.each(['x9.micro', 'g5', 'g5.', 'constructor.name', 'g5.constructor', ''])('%j is not in it', (type) => {
    expect(instanceFacts(type)).toBeUndefined();
  });
});
