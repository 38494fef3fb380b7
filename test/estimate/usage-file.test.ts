import { describe, expect, it } from 'vitest';
import { parseUsage, statedUsage, watched } from '../../lib/estimate/usage-file.ts';
import { PolicyError } from '../../lib/policy/policy-error.ts';
import { parseUsd } from '../../lib/types/money.ts';

function messageOf(text: string): string {
  try {
    parseUsage(text, 'u.yaml');
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return 'no mistake was found';
}

describe('a usage file', () => {
  it('is what people state of resources', () => {
    const { resources } = parseUsage(
      `version: 1
resources:
  Api: { requests: 2000000, durationMs: 300, dataGb: 50 }
  Train:
    runsPerMonth: 4
    maxHours: 12
    interruptible: true
    needs: { vcpu: 4, memory: 16 GiB, gpu: 1, gpuMemory: 24 GiB }
  Queue: { monthly: 12.50 USD }
  Host: { hours: 200, system: windows, lcus: 1.5, storageGb: 10 }
`,
      'u.yaml',
    );
    expect(Object.fromEntries(resources)).toEqual({
      Api: { requests: 2_000_000, durationMs: 300, dataGb: 50 },
      Train: {
        runsPerMonth: 4,
        maxHours: 12,
        interruptible: true,
        needs: { vcpu: 4, memoryGiB: 16, gpus: 1, gpuMemoryGiB: 24 },
      },
      Queue: { monthly: parseUsd('12.50') },
      Host: { hours: 200, system: 'windows', lcus: 1.5, storageGb: 10 },
    });
  });

  it.each([
    ['', 'u.yaml:1:1: The file is empty. Start it with version: 1, then add `resources`.'],
    ['version: 2\nresources: {}\n', 'u.yaml:1:10: 2 is not a version that is known. Write version: 1.'],
    [
      'version: 1\nresources:\n  A: { hours: 800 }\n',
      'u.yaml:3:15: 800 is not a number in range. Write a number from 0 to 744.',
    ],
    ['version: 1\nresources:\n  A: { hour: 8 }\n', 'u.yaml:3:8: Unknown key "hour". Did you mean "hours"?'],
    [
      'version: 1\nresources:\n  A: { needs: { memory: 16 } }\n',
      'u.yaml:3:25: 16 is not an amount of memory. Write 16 GiB.',
    ],
    [
      'version: 1\nresources:\n  A: { system: window }\n',
      'u.yaml:3:16: "window" is not a system. Did you mean windows? Use linux, windows, rhel or suse.',
    ],
    ['version: 1\nresources:\n  A: { monthly: $12 }\n', 'u.yaml:3:17: "$12" is not an amount. Write 12 USD.'],
  ])('%# tells what is wrong, where, and the mend', (text, says) => {
    expect(messageOf(text)).toBe(says);
  });

  it('is asked by several names, the later counting key by key', () => {
    const usage = parseUsage(
      'version: 1\nresources: { A: { hours: 1, requests: 2 }, App/A: { hours: 3 } }\n',
      'u.yaml',
    );
    expect(statedUsage(usage, ['A', 'App/A'])).toEqual({ hours: 3, requests: 2 });
    expect(statedUsage(usage, ['B'], { hours: 9 })).toEqual({ hours: 9 });
    expect(statedUsage(undefined, ['A'])).toEqual({});
  });

  it('tells which of its names nothing goes by', () => {
    const usage = parseUsage(
      'version: 1\nresources: { A: { hours: 1 }, Misspelt: { hours: 1 } }\n',
      'u.yaml',
    );
    const { usage: seen, unused } = watched(usage);
    expect(unused()).toEqual(['A', 'Misspelt']);
    expect(statedUsage(seen, ['A', 'App/A'])).toEqual({ hours: 1 });
    expect(unused()).toEqual(['Misspelt']);
  });
});
