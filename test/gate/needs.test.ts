import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { needsOption } from '../../lib/cli/gate.ts';
import { parseScenario } from '../../lib/simulate/scenario-file/parse.ts';

const FILE = 'scenarios/05-gate.yaml';
const scenario = (needs: string) =>
  parseScenario(
    readFileSync(FILE, 'utf8').replace('needs: { memory: 64 GiB, gpu: 4 }', `needs: ${needs}`),
    FILE,
    () => '',
  );

const last = (needs: string) => {
  const step = scenario(needs).steps.at(-1);
  return step?.step === 'gate' ? step.needs : undefined;
};

describe('needs', () => {
  it('are written alike in scenarios and on the command line', () => {
    const all = { vcpu: 4, memoryGiB: 16, gpus: 1, gpuMemoryGiB: 22.5 };
    expect(last('{ vcpu: 4, memory: 16 GiB, gpu: 1, gpuMemory: 22.5 GiB }')).toEqual(all);
    expect(needsOption('vcpu=4, memory=16GiB,gpu=1,gpuMemory=22.5GiB')).toEqual(all);
  });

  it('of scenarios know gpus as gpu, and not both', () => {
    expect(last('{ gpus: 2 }')).toEqual({ gpus: 2 });
    expect(() => scenario('{ gpu: 2, gpus: 2 }')).toThrow(
      /`gpus` says the same as `gpu`\. Keep one of them\./,
    );
  });
});
