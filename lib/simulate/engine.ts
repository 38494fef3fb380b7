import { judgeGate } from '../decide/gate.ts';
import type { PriceBook } from '../fleet/prices.ts';
import { candidateFacts } from '../gate/candidate-facts.ts';
import { allWatches, heldTimes } from '../people/held.ts';
import { keep } from '../people/keep.ts';
import { release } from '../people/release.ts';
import type { Answered } from '../people/request.ts';
import { restore } from '../people/restore.ts';
import { unfreeze } from '../people/unfreeze.ts';
import type { Wish } from '../people/wish.ts';
import type { Policy } from '../policy/policy.ts';
import { assertNever } from '../types/assert-never.ts';
import { ZERO_USD } from '../types/money.ts';
import { byHand } from './by-hand.ts';
import { inUseOf } from './in-use.ts';
import { place } from './place.ts';
import type { RunResult } from './result.ts';
import { runWorld } from './run-world.ts';
import type { Scenario, ScenarioResource, ScenarioStep, UseSegment } from './scenario.ts';
import { figuresOf } from './scenario-file/figures.ts';
import type { RunOptions, Stage, World, WorldStep } from './world.ts';

/**
 * Plays a scenario: what Bursar would do in it under its policy, what that costs and what it would cost without.
 * @throws the signal’s reason where that ends it
 */
export const simulate = (scenario: Scenario, options: RunOptions = {}): Promise<RunResult> =>
  runWorld(worldOf(scenario), options);

/** The world of a scenario. */
export function worldOf(scenario: Scenario): World {
  const { from, to, resources } = scenario;
  const policy: Policy = { ...scenario.policy, approval: 'off' };
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const there = resources.filter(({ since }) => since <= from);
  const launched = resources.filter(({ since }) => since > from);
  const steps: WorldStep[] = [
    ...launched.map(
      (resource): WorldStep => ({
        at: resource.since,
        of: 'world',
        act: (account) => place(account, resource),
      }),
    ),
    ...scenario.steps.map((step) => worldStep(step, byId, scenario)),
  ];
  return {
    title: scenario.name,
    description: scenario.description,
    policy,
    policyFile: scenario.policyFile,
    from,
    to,
    prices: pricesOf(scenario),
    place: (account) => {
      for (const resource of there) place(account, resource);
    },
    steps: steps.sort((a, b) => a.at.getTime() - b.at.getTime()),
    inUse: inUseOf(policy, ({ id }) => byId.get(id)),
    isSeenInUse: inUseOf(policy, ({ id }) => {
      const resource = byId.get(id);
      return resource === undefined ? undefined : { type: resource.type, use: shownOf(resource) };
    }),
    isRestarted: ({ id }) => byId.get(id)?.restart === 'when-needed',
    lagHours: scenario.billing.lagHours,
    isTold: scenario.events === 'prompt',
    assumptions: assumptionsOf(scenario),
  };
}

/** What its metrics show of what it does. */
function shownOf(resource: ScenarioResource): readonly UseSegment[] {
  const figures = figuresOf(resource).filter((figure) => figure !== 'gpu' || resource.gpuMetric);
  return resource.use.map(({ from, to, use }) => ({
    from,
    to,
    use: use === undefined ? undefined : Object.fromEntries(figures.map((figure) => [figure, use[figure]])),
  }));
}

const ASSUMPTIONS = [
  'Without Bursar everything runs on, but for what the scenario itself starts and stops.',
  'What was stopped for being idle is asked back by its owner in the minute in which it is needed again.',
];

function assumptionsOf({ policy, resources, prices }: Scenario): readonly string[] {
  const unpriced = resources.filter(({ type }) => prices[type] === undefined);
  const types = [...new Set(unpriced.map(({ type }) => type))].join(', ');
  return [
    ...ASSUMPTIONS,
    ...(policy.approval === 'off'
      ? []
      : ['The policy asks for an approved plan (approval: required): it is played as if there were one.']),
    ...(unpriced.length === 0
      ? []
      : [
          `No price of ${types} is known: what ${unpriced.length === 1 ? `${unpriced[0]?.id} costs` : `${unpriced.length} resources cost`} is in no sum.`,
        ]),
  ];
}

/** USD an hour by instance type, whatever it is used for. */
function pricesOf({ prices }: Pick<Scenario, 'prices'>): PriceBook {
  const hourly = async ({ instanceType }: { readonly instanceType: string }) => prices[instanceType];
  return { hourly, unit: async () => undefined, spot: hourly };
}

function worldStep(
  step: ScenarioStep,
  byId: ReadonlyMap<string, ScenarioResource>,
  scenario: Scenario,
): WorldStep {
  const { at } = step;
  const bursar = (act: (stage: Stage) => Promise<void>): WorldStep => ({ at, of: 'bursar', act });
  switch (step.step) {
    case 'start':
    case 'stop':
    case 'terminate':
    case 'tag': {
      const resource = byId.get(step.resource);
      return {
        at,
        of: 'world',
        act: (account) => (resource === undefined ? undefined : byHand(account, resource, step)),
      };
    }
    case 'keep':
      return bursar(async (stage) => {
        const wish = wishOf(`keep-${step.resource}-${at.toISOString()}`, step.by, at);
        const named = [{ arn: stage.arnOf(step.resource) }];
        for (let press = 0; press < step.press; press += 1) {
          note(await keep(named, { seconds: step.seconds }, wish, stage.handlers.wishDeps), wish, stage);
        }
      });
    case 'restore':
      return bursar(async (stage) => {
        const wish = wishOf(`restore-${step.resource}-${at.toISOString()}`, step.by, at);
        note(
          await restore({ arns: [stage.arnOf(step.resource)] }, wish, stage.handlers.wishDeps),
          wish,
          stage,
        );
      });
    case 'release':
      return bursar(async (stage) => {
        const wish = wishOf(`release-${at.toISOString()}`, step.by, at);
        const held = heldTimes(await allWatches(stage.handlers.wishDeps, at));
        for (const heldAt of held) {
          note(await release(new Date(heldAt), wish, stage.handlers.wishDeps), wish, stage);
        }
      });
    case 'unfreeze':
      return bursar(async (stage) => {
        const wish = wishOf(`unfreeze-${step.project}-${at.toISOString()}`, step.by, at);
        note(await unfreeze(step.project, wish, stage.handlers.wishDeps), wish, stage);
      });
    case 'budget-alert':
      return bursar(async ({ tellBudget }) => tellBudget(step.project, step.of, step.amount));
    case 'fault':
      return bursar(async ({ breakDown }) => breakDown(step.fault, step.until));
    case 'gate':
      return bursar(async ({ gate }) => {
        const { project, committed, hours, needs } = step;
        const candidates = step.candidates.map((type) => ({
          ...candidateFacts(type),
          hourly: scenario.prices[type],
        }));
        const limit = scenario.policy.projects[project]?.budget ?? ZERO_USD;
        gate(judgeGate({ project, limit, committed, hours, candidates, needs }));
      });
    default:
      return assertNever(step);
  }
}

/** Somebody who presses a button in Slack; `by` is the id that the policy file knows them by. */
const wishOf = (id: string, by: string, at: Date): Wish => ({
  id,
  by: { via: 'slack', id: by, name: by },
  reason: undefined,
  at,
});

/** Where the answer is no, that is what happened. */
function note(answers: readonly Answered[], { by, at }: Wish, { record }: Stage): void {
  for (const { status, text } of answers) {
    if (status !== 'refused' && status !== 'needs-approval') continue;
    record({ at, project: undefined, event: 'refused', by: by.name, reason: text });
  }
}
