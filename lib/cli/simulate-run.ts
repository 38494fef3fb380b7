import { readFileSync } from 'node:fs';
import type { Policy } from '../policy/policy.ts';
import { PolicyError } from '../policy/policy-error.ts';
import type { Checked } from '../simulate/expectations.ts';
import { type RunResult, stoppedWhileBusy } from '../simulate/result.ts';
import type { Scenario } from '../simulate/scenario.ts';
import { type Io, UsageError } from './io.ts';
import { withBar } from './progress-bar.ts';
import { readPolicyText } from './read-policy.ts';

/** A scenario, and what it came to. */
export interface Simulated {
  readonly file: string;
  readonly result: RunResult;
  /** What the scenario expects; none where it was played under another policy than its own. */
  readonly checks: readonly Checked[];
}

/** A scenario, read and checked. */
interface Read {
  readonly file: string;
  readonly scenario: Scenario;
}

/** What plays scenarios. */
export interface SimulateParts {
  /** @throws PolicyError with every mistake */
  readonly parse: (text: string, file: string, readText: (path: string) => string) => Scenario;
  readonly simulate: (
    scenario: Scenario,
    options: { readonly onProgress: (share: number) => void; readonly signal: AbortSignal },
  ) => Promise<RunResult>;
  readonly check: (scenario: Scenario, result: RunResult) => readonly Checked[];
}

/** A policy to play scenarios under in place of their own. */
export interface OtherPolicy {
  readonly policy: Policy;
  readonly file: string;
}

/**
 * Reads scenarios; nothing is played before all of them can be.
 * @throws UsageError with a line for every mistake in any of them
 */
export async function readScenarios(
  files: readonly string[],
  { parse }: Pick<SimulateParts, 'parse'>,
  other?: OtherPolicy,
): Promise<readonly Read[]> {
  const read = await Promise.all(
    files.map(async (file): Promise<Read | { readonly wrong: string }> => {
      try {
        const scenario = parse(await readPolicyText(file, 'scenario'), file, (path) =>
          readFileSync(path, 'utf8'),
        );
        return { file, scenario: under(scenario, file, other) };
      } catch (error) {
        if (error instanceof PolicyError || error instanceof UsageError) return { wrong: error.message };
        throw error;
      }
    }),
  );
  const mistakes = read.flatMap((one) => ('wrong' in one ? [one.wrong] : []));
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  return read.flatMap((one) => ('scenario' in one ? [one] : []));
}

/** @throws UsageError where the other policy does not reach as far, or has no limit that a step asks for */
function under(scenario: Scenario, file: string, other: OtherPolicy | undefined): Scenario {
  if (other === undefined) return scenario;
  const { regions } = other.policy.scope;
  const outside = scenario.resources.find(({ region }) => !regions.includes(region));
  if (outside !== undefined) {
    throw new UsageError(
      `${file}: ${outside.id} is in ${outside.region}, which is none of scope.regions in ${other.file}. Add it there.`,
    );
  }
  const limitless = scenario.steps.find(
    (step) =>
      (step.step === 'gate' || step.step === 'budget-alert') &&
      other.policy.projects[step.project]?.budget === undefined,
  );
  if (limitless !== undefined && 'project' in limitless) {
    const { step, project } = limitless;
    throw new UsageError(
      `${file}: A step ${step} is of project ${project}, which has no monthly budget in ${other.file}. Give it one there, such as budget: 5000 USD.`,
    );
  }
  return { ...scenario, policy: other.policy, policyFile: other.file };
}

/** Plays a scenario, with a bar where it takes long. */
export async function playScenario(
  { file, scenario }: Read,
  io: Io,
  { simulate, check }: Pick<SimulateParts, 'simulate' | 'check'>,
  other?: OtherPolicy,
): Promise<Simulated> {
  const result = await withBar(io, `Simulating ${scenario.name}`, (onProgress, signal) =>
    simulate(scenario, { onProgress, signal }),
  );
  return { file, result, checks: other === undefined ? check(scenario, result) : [] };
}

/** Whether all is as expected, and nothing was stopped while it was in use. */
export const isWell = ({ result, checks }: Pick<Simulated, 'result' | 'checks'>): boolean =>
  checks.every(({ ok }) => ok) && stoppedWhileBusy(result).length === 0;
