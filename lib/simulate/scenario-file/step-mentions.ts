import type { Path } from '../../policy/source.ts';
import type { StepForm } from './step-schema.ts';

/** A name in a step: of a resource, of a project, or of a project that must have a monthly budget. */
export interface Mention {
  readonly of: 'resource' | 'project' | 'limit';
  readonly name: string;
  /** From the step. */
  readonly path: Path;
}

/** Everything that a step names. */
export function mentionsOf(step: StepForm): readonly Mention[] {
  const resource = (name: string, ...path: Path): Mention => ({ of: 'resource', name, path });
  return [
    ...(['start', 'stop', 'terminate'] as const).flatMap((verb) =>
      (step[verb] ?? []).map((id, index) => resource(id, verb, index)),
    ),
    ...(['tag', 'keep', 'restore'] as const).flatMap((verb) => {
      const id = step[verb]?.resource;
      return id === undefined ? [] : [resource(id, verb, 'resource')];
    }),
    ...(step.unfreeze === undefined
      ? []
      : [{ of: 'project' as const, name: step.unfreeze.project, path: ['unfreeze', 'project'] }]),
    ...(['budget-alert', 'gate'] as const).flatMap((verb) => {
      const name = step[verb]?.project;
      return name === undefined ? [] : [{ of: 'limit' as const, name, path: [verb, 'project'] }];
    }),
  ];
}
