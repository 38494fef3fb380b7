import { describe, expect, it } from 'vitest';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { expectOnce, type GatedLedger, play } from './crash-world.ts';

/*
 * The enforcer is ended at every point where it waits for something: before each call goes out, and after its work is
 * done and before its answer is heard. Then the queue delivers the message again, as often as it does, to a new
 * process. Whatever the point was, each effect must have happened once and the ledger and people must know of it.
 */

/** Each method of the ledger is one thing that is waited for. */
function inMemory(): GatedLedger {
  const ledger = createMemoryLedger();
  return { ledger, through: (gate) => gate.guard(ledger) };
}

const { steps } = await play(inMemory());

describe('without a crash', () => {
  it('everything happens once', async () => {
    await expectOnce(await play(inMemory()));
  });

  it('has points enough to crash at', () => {
    expect(steps).toBeGreaterThan(80);
  });
});

describe.each(Array.from({ length: steps }, (_, step) => step))('a crash at step %i', (step) => {
  it('is made good by the next delivery: each effect once, and told', async () => {
    await expectOnce(await play(inMemory(), step));
  });
});

describe('crash after crash', () => {
  it.each(
    Array.from({ length: 40 }, (_, index) => [
      (index * 37) % steps,
      (index * 53 + 11) % steps,
      (index * 71 + 5) % steps,
    ]),
  )('at steps %i, %i and %i of three processes', async (...crashAt) => {
    await expectOnce(await play(inMemory(), ...crashAt));
  });
});
