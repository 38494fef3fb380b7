import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askAtRunTime } from '../../lib/gate/run-time.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { depsOf, instanceRecord, jobRecord, later, ledgerWith, NOW, save } from './run-time-fixtures.ts';

const JOB = { instanceType: 'ml.p3.2xlarge', count: 1, maxRuntimeSeconds: 36_000, use: 'training' };
const ASK = { requestId: 'exec-1', project: 'recsys', job: JOB };

const ask = (ledger: Ledger, input: unknown, now = NOW) => askAtRunTime(input, depsOf(ledger, now));

describe('a job that asks', () => {
  it('passes where the month comes to no more than the limit, to the cent', async () => {
    const ledger = await ledgerWith('4900');
    // 3.825 × 10 = 38.25
    expect(await ask(ledger, { ...ASK, version: 1 })).toEqual({
      version: 1,
      requestId: 'exec-1',
      project: 'recsys',
      verdict: 'pass',
      cost: 38.25,
      committed: 4_900,
      projected: 4_938.25,
      limit: 5_000,
      remaining: 100,
      level: 'recsys',
      pick: 'ml.p3.2xlarge',
      reason:
        '1 × ml.p3.2xlarge for 10 h. Project recsys: $4,900.00 + $38.25 = $4,938.25, within the limit of $5,000.00.',
    });
  });

  it('passes at the limit itself, and not a cent over', async () => {
    expect((await ask(await ledgerWith('4961.75'), ASK)).verdict).toBe('pass');
    const over = await ask(await ledgerWith('4961.76'), ASK);
    expect(over).toMatchObject({ verdict: 'over', cost: 38.25, projected: 5_000.01, pick: '' });
    expect(over.reason).toContain('$0.01 over the limit of $5,000.00');
  });

  it('is warned of from a share of the limit on', async () => {
    const warned = await ask(await ledgerWith('4000'), { ...ASK, warnAt: '80%' });
    expect(warned.verdict).toBe('warn');
    expect(warned.reason).toContain('That is 80% of it or more.');
    expect((await ask(await ledgerWith('3000'), { ...ASK, warnAt: 80 })).verdict).toBe('pass');
  });

  it('is held against the limit of its team and of its model too', async () => {
    const ledger = await ledgerWith('4900');
    // The team has 6,000, of which search takes 100: the project's own is nearer. The model's is nearest.
    const model = await ask(ledger, { ...ASK, model: 'ranker', job: { ...JOB, maxRuntimeSeconds: 72_000 } });
    expect(model).toMatchObject({
      verdict: 'over',
      level: 'model:recsys:ranker',
      limit: 50,
      projected: 76.5,
    });
    const search = await ask(ledger, { ...ASK, project: 'search', job: { ...JOB, count: 30 } });
    // Of search itself 3,900 are left; of the team 6,000 − 4,900 − 100.
    expect(search).toMatchObject({
      verdict: 'over',
      level: 'team:alpha',
      remaining: 1_000,
      projected: 6_147.5,
    });
  });

  it('may run a day where nothing is said, and says that this was assumed', async () => {
    const answer = await ask(await ledgerWith('0'), { ...ASK, job: { instanceType: 'ml.p3.2xlarge' } });
    expect(answer.cost).toBe(91.8);
    expect(answer.reason).toContain('for 24 h (AWS’s default, as no maximum runtime is stated)');
    const long = { ...ASK, job: { ...JOB, maxRuntimeSeconds: '172800' } };
    expect((await ask(await ledgerWith('0'), long)).cost).toBe(183.6);
  });

  it('never passes where it has no price', async () => {
    const unpriced = await ask(await ledgerWith('0'), {
      ...ASK,
      job: { ...JOB, instanceType: 'ml.x9.huge' },
    });
    expect(unpriced.verdict).toBe('unpriced');
    expect(unpriced).not.toHaveProperty('cost');
    const endless = {
      ...ASK,
      job: { TransformJobName: 't', TransformResources: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1 } },
    };
    expect((await ask(await ledgerWith('0'), endless)).verdict).toBe('unpriced');
    expect(await ask(await ledgerWith('0'), { ...endless, maxRuntimeSeconds: 7_200 })).toMatchObject({
      verdict: 'pass',
      cost: 0.46,
    });
  });

  it('never passes while its project or its team is frozen', async () => {
    for (const holder of ['recsys', 'team:alpha']) {
      const ledger = await ledgerWith('0');
      await ledger.freeze(holder, later(20));
      const answer = await ask(ledger, ASK);
      expect(answer.verdict).toBe('over');
      expect(answer.reason).toMatch(/ is frozen until 2026-11-16T12:20:00\.000Z: nothing starts in it\.$/);
      expect((await ask(ledger, ASK, later(20))).verdict).toBe('pass');
    }
  });

  it('takes the first of other types that may, and that meets the needs', async () => {
    const ledger = await ledgerWith('4950');
    const answer = await ask(ledger, {
      ...ASK,
      job: { ...JOB, instanceType: 'ml.g5.12xlarge' },
      or: ['ml.m5.xlarge', 'ml.g5.2xlarge', 'ml.g5.xlarge'],
      needs: { gpu: 1, memory: '16 GiB' },
    });
    // 7.09 × 10 does not fit, an m5 has no GPU, 1.515 × 10 fits.
    expect(answer).toMatchObject({ verdict: 'pass', pick: 'ml.g5.2xlarge', cost: 15.15 });
    expect(answer.reason).toContain('ml.m5.xlarge does not fit: it has 0 of 1 GPUs.');
    const [held] = (await ledger.reservations('team:alpha', NOW)).reservations;
    expect(held?.jobs).toEqual([
      {
        cost: 15_150_000n,
        kind: 'sagemaker-training-job',
        region: 'us-east-1',
        name: undefined,
        size: '1 × ml.g5.2xlarge',
        jobs: 1,
      },
    ]);
  });

  it('as a request of SageMaker is read as that', async () => {
    const request = {
      TrainingJobName: 'train-7',
      ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 2, VolumeSizeInGB: 73 },
      StoppingCondition: { MaxRuntimeInSeconds: 36_000 },
      Tags: [{ Key: 'project', Value: 'recsys' }],
    };
    const answer = await ask(await ledgerWith('0'), { ...ASK, job: request });
    expect(answer).toMatchObject({ verdict: 'pass', cost: 76.78, pick: 'ml.p3.2xlarge' });
  });

  it('that may not start is an error where that is asked for', async () => {
    const input = { ...ASK, failOver: true };
    await expect(ask(await ledgerWith('5000'), input)).rejects.toMatchObject({
      name: 'OverBudget',
      message: expect.stringContaining('$38.25 over the limit of $5,000.00'),
    });
    expect((await ask(await ledgerWith('0'), input)).verdict).toBe('pass');
  });
});

describe('what is committed', () => {
  it('counts what runs on to the end of the month, and a job that did not ask for what is left of a day', async () => {
    const ledger = await ledgerWith('0');
    await save(ledger, NOW, instanceRecord(NOW, '1'), jobRecord('other', { from: later(-360), hourly: '2' }));
    // 348 h × $1; the job: 6 h × $2 so far and 18 h × $2 to come.
    expect((await ask(ledger, ASK)).committed).toBe(348 + 12 + 36);
  });

  it('counts a job that did not ask to the end of the month once it has run for more than a day', async () => {
    const ledger = await ledgerWith('0');
    await save(ledger, NOW, jobRecord('long', { from: later(-1_500), hourly: '2' }));
    // 25 h × $2 so far, 348 h × $2 to come.
    expect((await ask(ledger, ASK)).committed).toBe(50 + 696);
  });

  it('is not known where the meter fell silent, so that nothing passes', async () => {
    const ledger = await ledgerWith('0');
    await expect(ask(ledger, ASK, later(31))).rejects.toMatchObject({
      name: 'GateNotReady',
      message: expect.stringContaining('has not looked at us-east-1 since 2026-11-16T12:00:00.000Z'),
    });
  });
});

describe('a reservation', () => {
  const second = { ...ASK, requestId: 'exec-2' };

  it('counts for whoever asks next, until the job could have ended', async () => {
    const ledger = await ledgerWith('4930');
    expect((await ask(ledger, ASK)).verdict).toBe('pass');
    expect(await ask(ledger, second)).toMatchObject({ verdict: 'over', committed: 4_968.25 });
    // Ten hours, and one to start in.
    await ledger.saveMeteredAt('111122223333', 'us-east-1', later(660));
    expect((await ask(ledger, second, later(659))).verdict).toBe('over');
    expect((await ask(ledger, second, later(660))).verdict).toBe('pass');
  });

  it('is made once of one request, which is answered the same', async () => {
    const ledger = await ledgerWith('4930');
    const first = await ask(ledger, ASK);
    const again = await ask(ledger, ASK, later(5));
    expect(again).toEqual({ ...first, reason: expect.stringContaining('let through') });
    expect((await ledger.reservations('team:alpha', NOW)).reservations).toHaveLength(1);
    await expect(ask(ledger, { ...ASK, job: { ...JOB, count: 2 } })).rejects.toMatchObject({
      name: 'GateInputError',
      message: expect.stringContaining('Another job was let through as exec-1'),
    });
  });

  it('is not made of what does not pass, which may pass later', async () => {
    const ledger = await ledgerWith('5000');
    expect((await ask(ledger, ASK)).verdict).toBe('over');
    expect((await ledger.reservations('team:alpha', NOW)).reservations).toHaveLength(0);
  });

  it('is released by who asked', async () => {
    const ledger = await ledgerWith('4930');
    await ask(ledger, ASK);
    const answer = await ask(ledger, { requestId: 'exec-1', project: 'recsys', release: true });
    expect(answer).toMatchObject({ verdict: 'released', pick: '' });
    expect((await ask(ledger, second)).verdict).toBe('pass');
    const twice = await ask(ledger, { requestId: 'exec-1', project: 'recsys', release: true });
    expect(twice.verdict).toBe('released');
  });

  const NAMED = { ...ASK, job: { ...JOB, name: 'train-7' } };
  for (const [what, input] of [
    ['is named', NAMED],
    ['is known by what it runs on', ASK],
  ] as const) {
    it(`counts a job once that ${what}: before it runs, while it does, and after`, async () => {
      const ledger = await ledgerWith('1000');
      await ask(ledger, input);
      const committed = async (now: Date) => {
        const answer = await ask(ledger, { ...second, job: { ...JOB, count: 1_000 } }, now);
        return answer.committed;
      };
      expect(await committed(NOW)).toBe(1_038.25);
      const from = later(10);
      for (const [minutes, to, expected] of [
        [10, undefined, 1_038.25],
        [130, undefined, 1_038.25],
        [250, undefined, 1_038.25],
        // It took four of ten hours.
        [260, later(250), 1_015.3],
        [900, later(250), 1_015.3],
      ] as const) {
        await save(
          ledger,
          later(minutes),
          jobRecord('train-7', { from, hourly: '3.825', ...(to === undefined ? {} : { to }) }),
        );
        expect(await committed(later(minutes)), `${minutes} min`).toBe(expected);
      }
    });
  }

  it('of a job that is another is not taken for it', async () => {
    const ledger = await ledgerWith('1000');
    await ask(ledger, ASK);
    const early = jobRecord('earlier', { from: later(-5), to: later(-4), hourly: '3.825' });
    const other = jobRecord('bigger', {
      from: later(5),
      to: later(6),
      hourly: '7.65',
      size: '2 × ml.p3.2xlarge',
    });
    await save(ledger, later(10), early, other);
    const big = { ...second, job: { ...JOB, count: 1_000 } };
    // 1,000 + one minute of each, and all that is reserved.
    expect((await ask(ledger, big, later(10))).committed).toBeCloseTo(1_000 + 0.06375 + 0.1275 + 38.25, 6);
  });

  it('of a tuning job is used up by the training jobs that it starts', async () => {
    const ledger = await ledgerWith('1000');
    const tuning = {
      HyperParameterTuningJobName: 'sweep',
      HyperParameterTuningJobConfig: {
        ResourceLimits: { MaxNumberOfTrainingJobs: 10, MaxParallelTrainingJobs: 2 },
      },
      TrainingJobDefinition: {
        ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 1, VolumeSizeInGB: 0 },
        StoppingCondition: { MaxRuntimeInSeconds: 3_600 },
      },
    };
    expect((await ask(ledger, { ...ASK, job: tuning })).cost).toBe(38.25);
    await save(
      ledger,
      later(60),
      jobRecord('sweep-001-0a1b2c3d', { from: later(0), to: later(60), hourly: '3.825' }),
      jobRecord('sweep-002-0a1b2c3d', { from: later(0), hourly: '3.825' }),
    );
    const big = { ...second, job: { ...JOB, count: 1_000 } };
    expect((await ask(ledger, big, later(60))).committed).toBe(1_038.25);
  });

  it('lets no two jobs at once have the last dollars, in whatever order they write', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 5 }),
        fc.infiniteStream(fc.nat({ max: 4 })),
        async (askers, fitting, delays) => {
          const ledger = await ledgerWith(String(5_000 - 38.25 * fitting - 1));
          const slowly: Ledger = {
            ...ledger,
            reservations: async (...asked) => {
              const found = await ledger.reservations(...asked);
              for (let turn = delays.next().value ?? 0; turn > 0; turn -= 1) await Promise.resolve();
              return found;
            },
          };
          const answers = await Promise.all(
            Array.from({ length: askers }, (_, n) => ask(slowly, { ...ASK, requestId: `exec-${n}` })),
          );
          const passed = answers.filter(({ verdict }) => verdict === 'pass');
          expect(passed).toHaveLength(Math.min(askers, fitting));
          expect((await ledger.reservations('team:alpha', NOW)).reservations).toHaveLength(passed.length);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what cannot be answered', () => {
  const says = async (input: unknown): Promise<string> => {
    try {
      await ask(await ledgerWith('0'), input);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      expect(error.name).toBe('GateInputError');
      return error.message;
    }
    throw new Error('It was answered.');
  };

  it('is told in one clear sentence', async () => {
    expect(await says('yes')).toBe('The gate is asked with an object: { requestId, project, job }.');
    expect(await says({ project: 'recsys', job: JOB })).toBe(
      'requestId must be given: the id of the execution, and the name of the step where it asks more than once.',
    );
    expect(await says({ ...ASK, jobs: [] })).toBe('jobs is no key of what the gate is asked.');
    expect(await says({ ...ASK, job: { ...JOB, instances: 2 } })).toBe(
      'job.instances is no key of what the gate is asked.',
    );
    expect(await says({ ...ASK, job: { ...JOB, instanceType: 'g5.xlarge' } })).toBe(
      'job.instanceType must be an instance type of SageMaker, such as ml.g5.xlarge.',
    );
    expect(await says({ ...ASK, job: { ...JOB, count: 0 } })).toBe(
      'job.count must be a whole number from 1 to 1000.',
    );
    expect(await says({ ...ASK, warnAt: 'soon' })).toBe('warnAt must be a percentage, such as 80.');
    expect(await says({ ...ASK, project: 'recsis' })).toBe(
      'The policy file has no project recsis. Is recsys meant?',
    );
    expect(await says({ ...ASK, project: 'open' })).toBe(
      'Neither project open nor its team has a monthly budget in the policy file, so there is nothing to hold the job against.',
    );
    expect(await says({ ...ASK, region: 'eu-west-1' })).toBe(
      'eu-west-1 is none of the regions that the policy file watches (us-east-1): name one of them as region.',
    );
    expect(await says({ ...ASK, job: { Hello: 1 } })).toMatch(/^job: it is no SageMaker request/);
    expect(await says({ ...ASK, needs: { gpu: 4 } })).toContain(
      'No instance type that was named meets the needs.',
    );
  });

  it('is told of who would pay, and of what never ends', async () => {
    const training = {
      TrainingJobName: 't',
      ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1 },
      Tags: [{ Key: 'project', Value: 'search' }],
    };
    expect(await says({ ...ASK, job: training })).toBe(
      'The tag project of t says search, but the gate is asked for recsys: who pays must be the same.',
    );
    const endpoint = {
      EndpointConfigName: 'e',
      ProductionVariants: [{ InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 1 }],
    };
    expect(await says({ ...ASK, job: endpoint })).toContain('e goes on until somebody ends it');
  });
});
