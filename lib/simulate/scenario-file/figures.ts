import { halfCorePercent, hasNvidiaGpu } from '../../fleet/accelerators.ts';
import { assertNever } from '../../types/assert-never.ts';
import type { Use } from '../account/use.ts';
import type { ScenarioKind } from '../scenario.ts';
import { FIGURES, type Figure, type Figures, type UseWord } from './use-schema.ts';

/** What a resource of a scenario is, as far as its metrics go. */
export interface Metered {
  readonly kind: ScenarioKind;
  readonly type: string;
}

/** The metrics of each kind. `gpu` only where the type has one. */
const OWN: Readonly<Record<ScenarioKind, readonly Figure[]>> = {
  'ec2-instance': ['cpu', 'gpu', 'network'],
  'auto-scaling-group': ['cpu', 'gpu', 'network'],
  'rds-instance': ['connections', 'network'],
  'sagemaker-endpoint': ['cpu', 'gpu', 'invocations'],
  'sagemaker-notebook': ['cpu', 'gpu'],
  'sagemaker-training-job': ['cpu', 'gpu'],
};

export const figuresOf = ({ kind, type }: Metered): readonly Figure[] =>
  OWN[kind].filter((figure) => figure !== 'gpu' || hasNvidiaGpu(type));

const BUSY: Readonly<Record<Figure, number>> = {
  cpu: 60,
  gpu: 85,
  network: 2_000_000,
  invocations: 40,
  connections: 12,
};

/** Well below the usual limits of idleness (5 %, 10 kB/s, 1), and above zero where a machine that runs is. */
const idleFigure = (figure: Figure, { type }: Metered): number => {
  switch (figure) {
    case 'cpu':
      // Of large types idleness is held to half a core, which is less than 1 % of them.
      return Math.min(1, halfCorePercent(type) / 2);
    case 'network':
      return 500;
    case 'gpu':
    case 'invocations':
    case 'connections':
      return 0;
    default:
      return assertNever(figure);
  }
};

/** The figures of an idle resource. */
const idleOf = (resource: Metered): Use =>
  Object.fromEntries(figuresOf(resource).map((figure) => [figure, idleFigure(figure, resource)]));

/** What a word means of a resource of that kind and type. */
export function useOfWord(word: UseWord, resource: Metered): Use | undefined {
  switch (word) {
    case 'idle':
      return idleOf(resource);
    case 'busy':
      return Object.fromEntries(figuresOf(resource).map((figure) => [figure, BUSY[figure]]));
    case 'no metrics':
      return undefined;
    default:
      return assertNever(word);
  }
}

/** The figures as given; what they leave out is as of an idle one, and what is `none` has no metric. */
export function useOfFigures(figures: Figures, resource: Metered): Use {
  const given = FIGURES.flatMap((figure) => {
    const value = figures[figure];
    return value === undefined ? [] : [[figure, value === 'none' ? undefined : value] as const];
  });
  return Object.fromEntries(
    Object.entries({ ...idleOf(resource), ...Object.fromEntries(given) }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}
