import { describe, expect, it } from 'vitest';
import type { Use } from '../../lib/simulate/account/state.ts';
import { createSimulation } from '../support/simulation.ts';

const START = new Date('2026-11-10T18:00:00.000Z');
const at = (time: string): Date => new Date(`2026-11-11T${time}:00.000Z`);
/** Eight hours and ten minutes of training. */
const JOB_ENDS = at('02:10');
const MORNING = at('05:00');

/** By the CPU alone it looks idle. */
const TRAINING: Use = { cpu: 2, gpu: 95, network: 500 };
const IDLE: Use = { cpu: 0.5, gpu: 0, network: 100 };

const POLICY = `
version: 1
projects: { llm: { owner: team-delta, budget: 30000 USD } }
policies:
  - name: development
    match: { environment: dev }
    idle: { after: 30m, warn: 10m, do: stop }
`;

async function night(use: (minute: Date) => Use | undefined, until = MORNING) {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: { 'g5.xlarge': '1.006' } });
  simulation.account.instances.set('i-train', {
    id: 'i-train',
    type: 'g5.xlarge',
    tags: { project: 'llm', environment: 'dev' },
    since: new Date('2026-11-10T17:30:00.000Z'),
    use,
  });
  await simulation.run(until);
  const told = simulation.alerts.map(({ at: when, title }) => `${when.slice(11, 16)} ${title}`);
  const stops = simulation.account.effects.map((effect) => effect.at.toISOString().slice(11, 16));
  return { ...simulation, told, stops };
}

describe('CPU 2 %, GPU 95 %', () => {
  it('is never stopped nor warned of, for eight hours', async () => {
    const { told, stops } = await night(() => TRAINING, at('02:00'));
    expect({ told, stops }).toEqual({ told: [], stops: [] });
  });

  it('one busy minute in every half hour is enough', async () => {
    const { stops } = await night((minute) => (minute.getUTCMinutes() % 25 === 7 ? TRAINING : IDLE));
    expect(stops).toEqual([]);
  });
});

describe('the job ends at 02:10', () => {
  it('is warned of at 02:30 and stopped at 02:40', async () => {
    const { told, stops } = await night((minute) => (minute < JOB_ENDS ? TRAINING : IDLE));
    expect(stops).toEqual(['02:40']);
    expect(told).toEqual([
      '02:30 1 idle resource of llm will be stopped at 2026-11-11 02:40 UTC',
      '02:40 1 idle resource of llm stopped',
    ]);
  });

  it('one busy sample at 02:39 starts the clock again', async () => {
    const isBusy = (minute: Date) => minute < JOB_ENDS || minute.getTime() === at('02:39').getTime();
    const { told, stops } = await night((minute) => (isBusy(minute) ? TRAINING : IDLE));
    expect(stops).toEqual(['03:10']);
    expect(told).toEqual([
      '02:30 1 idle resource of llm will be stopped at 2026-11-11 02:40 UTC',
      '03:00 1 idle resource of llm will be stopped at 2026-11-11 03:10 UTC',
      '03:10 1 idle resource of llm stopped',
    ]);
  });

  it('no metric for one sample: the half hour must be whole again', async () => {
    const isSilent = (minute: Date) => minute >= at('02:25') && minute < at('02:30');
    const { stops } = await night((minute) =>
      minute < JOB_ENDS ? TRAINING : isSilent(minute) ? undefined : IDLE,
    );
    expect(stops).toEqual(['03:00']);
  });
});

describe('no GPU metric where there is a GPU', () => {
  const blind = (use: Use): Use => ({ cpu: use.cpu, network: use.network ?? 0 });

  it('is told of once a day and never stopped, though all else is idle', async () => {
    const { alerts, stops } = await night(() => blind(IDLE), new Date('2026-11-12T05:00:00.000Z'));
    expect(stops).toEqual([]);
    expect(alerts.map(({ at: when, title }) => `${when.slice(0, 10)} ${title}`)).toEqual([
      '2026-11-10 1 resource of llm looks idle',
      '2026-11-11 1 resource of llm looks idle',
      '2026-11-12 1 resource of llm looks idle',
    ]);
    expect(alerts[0]?.reason).toContain('No metric shows the use of its accelerator (g5.xlarge).');
  });

  it('the agent dies while it trains: nothing is stopped', async () => {
    const { stops } = await night((minute) => (minute < at('00:00') ? TRAINING : blind(TRAINING)));
    expect(stops).toEqual([]);
  });
});
