import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/cli/io.ts';
import { barLine, withBar } from '../../lib/cli/progress-bar.ts';

const io = { lively: false, now: () => new Date() };

describe('barLine', () => {
  it('says how far it is, and how long it will still take', () => {
    expect(barLine('Reading', 0.25, 60_000)).toBe('Reading ██████░░░░░░░░░░░░░░░░░░ 25%, 3 min left');
    expect(barLine('Reading', 0.9, 9_000)).toContain('90%, 1 s left');
  });

  it('promises nothing before it knows, and never leaves its bounds', () => {
    expect(barLine('Reading', 0, 60_000)).toBe('Reading ░░░░░░░░░░░░░░░░░░░░░░░░ 0%');
    expect(barLine('Reading', 1.2, 60_000)).toBe('Reading ████████████████████████ 100%, 0 s left');
  });
});

describe('withBar', () => {
  it('gives what the work gives, and throws what it throws', async () => {
    const before = process.listenerCount('SIGINT');
    expect(await withBar(io, 'Reading', async () => 7)).toBe(7);
    await expect(
      withBar(io, 'Reading', async () => {
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('lets the work put itself in order after Ctrl-C', async () => {
    let cleaned = false;
    const work = withBar(
      io,
      'Reading',
      async (_tell, signal) => {
        try {
          for (;;) {
            await sleep(1);
            signal.throwIfAborted();
          }
        } finally {
          cleaned = true;
        }
      },
      'Stopped; what was read is kept.',
    );
    process.emit('SIGINT');
    await expect(work).rejects.toThrow(new UsageError('Stopped; what was read is kept.'));
    expect(cleaned).toBe(true);
  });

  it('shows nothing of what is quick, on a terminal too', async () => {
    const written: unknown[] = [];
    const write = process.stderr.write;
    process.stderr.write = ((text: unknown) => written.push(text) > 0) satisfies typeof process.stderr.write;
    try {
      await withBar({ ...io, lively: true }, 'Reading', async (tell) => tell(0.5));
    } finally {
      process.stderr.write = write;
    }
    expect(written).toEqual([]);
  });
});
