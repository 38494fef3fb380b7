import { expect, it } from 'vitest';
import { budgetName } from '../../lib/policy/policy.ts';
import { createSimulation } from '../support/simulation.ts';

const POLICY = `
version: 1
projects: { recsys: { budget: 1000 USD } }
policies:
  - name: development
    match: { environment: dev }
    budget: [ { at: 100%, of: actual, do: stop } ]
`;
const START = new Date('2026-07-14T10:00:00.000Z');
const at = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

function play(name: (own: string) => string) {
  const simulation = createSimulation({ policy: POLICY, start: START, prices: { 'g5.xlarge': '1' } });
  const launch = (id: string, since: Date) =>
    simulation.account.instances.set(id, {
      id,
      type: 'g5.xlarge',
      tags: { project: 'recsys', environment: 'dev' },
      since,
      use: () => ({ cpu: 50, gpu: 50, network: 1_000_000 }),
    });
  launch('i-1', new Date('2026-07-01T00:00:00.000Z'));
  const spend = (actual: string) =>
    simulation.account.budgets.set(name(budgetName(simulation.policy, 'recsys')), {
      project: 'recsys',
      limit: '1000',
      actual,
      forecasted: '0',
    });
  spend('999');
  return { ...simulation, launch, spend, stopped: () => simulation.account.effects.map(({ id }) => id) };
}

it('a breach whose alert was lost is enforced within the hour', async () => {
  const { run, spend, stopped } = play((own) => own);
  await run(at(9));
  spend('1000');
  await run(at(59));
  expect(stopped()).toEqual([]);
  await run(at(62));
  expect(stopped()).toEqual(['i-1']);
});

it('what a person starts after the breach is theirs, hour after hour', async () => {
  const { run, spend, launch, stopped, alerts } = play((own) => own);
  spend('1000');
  await run(at(20));
  expect(stopped()).toEqual(['i-1']);
  launch('i-2', at(21));
  await run(at(200));
  expect(stopped()).toEqual(['i-1']);
  expect(alerts.map(({ title }) => title)).toHaveLength(2);
});

it('a budget that Bursar did not make is not reviewed', async () => {
  const { run, spend, stopped } = play((own) => `${own}-copy`);
  spend('1000');
  await run(at(130));
  expect(stopped()).toEqual([]);
});
