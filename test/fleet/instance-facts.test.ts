import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasAccelerator, vcpusOf } from '../../lib/fleet/accelerators.ts';
import {
  familyOf,
  type InstanceFacts,
  instanceFacts,
  knownTypes,
  meets,
  smallestFitting,
} from '../../lib/fleet/instance-facts.ts';
import type { InstanceNeeds } from '../../lib/types/gate.ts';

const factsOf = (type: string): InstanceFacts => {
  const facts = instanceFacts(type);
  if (facts === undefined) throw new Error(`${type} is not in the table`);
  return facts;
};

describe('what is known of an instance type', () => {
  it.each([
    ['t3.nano', 2, 0.5, 0, 0, 'x86_64'],
    ['t3.medium', 2, 4, 0, 0, 'x86_64'],
    ['t3a.2xlarge', 8, 32, 0, 0, 'x86_64'],
    ['t4g.small', 2, 2, 0, 0, 'arm64'],
    ['t2.medium', 2, 4, 0, 0, 'x86_64'],
    ['m5.large', 2, 8, 0, 0, 'x86_64'],
    ['m5.24xlarge', 96, 384, 0, 0, 'x86_64'],
    ['m6g.medium', 1, 4, 0, 0, 'arm64'],
    ['m6i.32xlarge', 128, 512, 0, 0, 'x86_64'],
    ['m7a.medium', 1, 4, 0, 0, 'x86_64'],
    ['m7i.48xlarge', 192, 768, 0, 0, 'x86_64'],
    ['m7i.metal-24xl', 96, 384, 0, 0, 'x86_64'],
    ['c5.9xlarge', 36, 72, 0, 0, 'x86_64'],
    ['c5.18xlarge', 72, 144, 0, 0, 'x86_64'],
    ['c7g.16xlarge', 64, 128, 0, 0, 'arm64'],
    ['c4.8xlarge', 36, 60, 0, 0, 'x86_64'],
    ['r5.2xlarge', 8, 64, 0, 0, 'x86_64'],
    ['r6i.32xlarge', 128, 1024, 0, 0, 'x86_64'],
    ['r7i.large', 2, 16, 0, 0, 'x86_64'],
    ['x2iedn.32xlarge', 128, 4096, 0, 0, 'x86_64'],
    ['g4dn.xlarge', 4, 16, 1, 16, 'x86_64'],
    ['g4dn.12xlarge', 48, 192, 4, 64, 'x86_64'],
    ['g5.xlarge', 4, 16, 1, 24, 'x86_64'],
    ['g5.12xlarge', 48, 192, 4, 96, 'x86_64'],
    ['g5.48xlarge', 192, 768, 8, 192, 'x86_64'],
    ['g5g.16xlarge', 64, 128, 2, 32, 'arm64'],
    ['g6.2xlarge', 8, 32, 1, 24, 'x86_64'],
    ['g6e.xlarge', 4, 32, 1, 48, 'x86_64'],
    ['g6e.48xlarge', 192, 1536, 8, 384, 'x86_64'],
    ['p2.xlarge', 4, 61, 1, 12, 'x86_64'],
    ['p2.16xlarge', 64, 732, 16, 192, 'x86_64'],
    ['p3.2xlarge', 8, 61, 1, 16, 'x86_64'],
    ['p3.16xlarge', 64, 488, 8, 128, 'x86_64'],
    ['p3dn.24xlarge', 96, 768, 8, 256, 'x86_64'],
    ['p4d.24xlarge', 96, 1152, 8, 320, 'x86_64'],
    ['p4de.24xlarge', 96, 1152, 8, 640, 'x86_64'],
    ['p5.48xlarge', 192, 2048, 8, 640, 'x86_64'],
    ['p5.4xlarge', 16, 256, 1, 80, 'x86_64'],
    ['p5en.48xlarge', 192, 2048, 8, 1128, 'x86_64'],
    ['trn1.32xlarge', 128, 512, 0, 0, 'x86_64'],
    ['inf2.8xlarge', 32, 128, 0, 0, 'x86_64'],
    ['ml.g5.2xlarge', 8, 32, 1, 24, 'x86_64'],
    ['ml.m5.xlarge', 4, 16, 0, 0, 'x86_64'],
    ['db.r6g.large', 2, 16, 0, 0, 'arm64'],
  ] as const)('%s', (type, vcpu, memoryGiB, gpus, gpuMemoryGiB, architecture) => {
    expect(instanceFacts(type)).toEqual({ vcpu, memoryGiB, gpus, gpuMemoryGiB, architecture });
  });

  it.each(['', 'g5', 'g5.', '.xlarge', 'g5.3xlarge', 'x9.large', 'ml.ml.g5.xlarge', 'constructor.name'])(
    'nothing of %j',
    (type) => {
      expect(instanceFacts(type)).toBeUndefined();
    },
  );

  it('agrees with what the names of sizes and families say', () => {
    for (const type of knownTypes()) {
      const { vcpu, gpus, gpuMemoryGiB, architecture } = factsOf(type);
      // C4's largest size has two vCPUs more for each `x` than its name says, and `metal` names none.
      const named = type === 'c4.8xlarge' || type.startsWith('t2.') ? undefined : vcpusOf(type);
      if (named !== undefined) expect([type, vcpu]).toEqual([type, named]);
      expect([type, gpus > 0]).toEqual([type, hasAccelerator(type) && !/^(?:trn|inf)/.test(type)]);
      expect([type, gpuMemoryGiB > 0]).toEqual([type, gpus > 0]);
      expect([type, architecture]).toEqual([type, /^(?:[a-z]\dg|t4g|g5g)\./.test(type) ? 'arm64' : 'x86_64']);
    }
  });
});

describe('the smallest that fit', () => {
  const x86 = { arch: 'x86_64' } as const;

  it('are one of each family that has the GPUs', () => {
    expect(smallestFitting({ gpus: 1, gpuMemoryGiB: 24, memoryGiB: 16 }, x86)).toEqual(
      [
        'g5.xlarge',
        'g6.xlarge',
        'g6e.xlarge',
        'gr6.4xlarge',
        'p3.8xlarge',
        'p3dn.24xlarge',
        'p4d.24xlarge',
        'p4de.24xlarge',
        'p5.4xlarge',
        'p5e.48xlarge',
        'p5en.48xlarge',
        'g4dn.12xlarge',
      ].sort((a, b) => order(a) - order(b)),
    );
  });

  it('are of SageMaker where that is asked for', () => {
    expect(smallestFitting({ gpus: 4 }, { ...x86, families: ['g5'], prefix: 'ml' })).toEqual([
      'ml.g5.12xlarge',
    ]);
  });

  it('are two of a family where neither has less of everything', () => {
    expect(smallestFitting({ vcpu: 48, gpus: 1 }, { ...x86, families: ['g5'] })).toEqual([
      'g5.12xlarge',
      'g5.16xlarge',
    ]);
  });

  it('have no GPU where none is needed, and share no vCPUs unless that is asked for', () => {
    const fits = smallestFitting({ vcpu: 2, memoryGiB: 8 }, x86);
    expect(fits).toContain('m5.large');
    expect(fits).toContain('c5.xlarge');
    expect(fits.filter((type) => hasAccelerator(type) || type.startsWith('t'))).toEqual([]);
    expect(smallestFitting({ vcpu: 2, memoryGiB: 8 }, { ...x86, families: ['t3', 't3a'] })).toEqual([
      't3.large',
      't3a.large',
    ]);
  });

  it('are of the architecture that the software is built for', () => {
    expect(smallestFitting({ vcpu: 2, memoryGiB: 8 }, { arch: 'arm64', families: ['m5', 'm7g'] })).toEqual([
      'm7g.large',
    ]);
    expect(smallestFitting({ gpus: 1 }, { arch: 'arm64' })).toEqual(['g5g.xlarge']);
  });

  it('are none where nothing is large enough', () => {
    expect(smallestFitting({ gpus: 17 }, x86)).toEqual([]);
  });

  it('meet the needs, and every other type that does has no less of anything than one of its family here', () => {
    const needs: fc.Arbitrary<InstanceNeeds> = fc.record(
      {
        vcpu: fc.integer({ min: 1, max: 200 }),
        memoryGiB: fc.integer({ min: 1, max: 1500 }),
        gpus: fc.integer({ min: 0, max: 8 }),
        gpuMemoryGiB: fc.integer({ min: 0, max: 400 }),
      },
      { requiredKeys: [] },
    );
    const families = [...new Set(knownTypes().map(familyOf))];
    fc.assert(
      fc.property(needs, fc.constantFrom('x86_64' as const, 'arm64' as const), (wanted, arch) => {
        const fits = smallestFitting(wanted, { arch, families });
        for (const type of fits) expect([type, meets(factsOf(type), wanted)]).toEqual([type, true]);
        for (const type of knownTypes()) {
          const facts = factsOf(type);
          if (facts.architecture !== arch || type.includes('metal') || !meets(facts, wanted)) continue;
          const least = fits.filter((one) => familyOf(one) === familyOf(type)).map(factsOf);
          expect([type, least.some((one) => meets(facts, one))]).toEqual([type, true]);
        }
      }),
      { numRuns: 40 },
    );
  });
});

const order = (type: string): number => knownTypes().indexOf(type);
