import { timeIn } from '../cli/run-text/run-time.ts';
import type { ResourceRun, RunResult } from '../simulate/result.ts';
import { type Html, html, name } from './html.ts';

export const projectName = (project: string | undefined): Html =>
  project === undefined ? html`<em>no project tag</em>` : name(project);

export const projectText = (project: string | undefined): string => project ?? 'no project tag';

/** The resources of each project that a run knows of, in its order; projects of resources alone come last. */
export function resourcesByProject({
  projects,
  resources,
}: RunResult): ReadonlyMap<string | undefined, readonly ResourceRun[]> {
  const byProject = new Map<string | undefined, ResourceRun[]>(projects.map(({ project }) => [project, []]));
  for (const resource of resources) {
    const list = byProject.get(resource.project);
    if (list === undefined) byProject.set(resource.project, [resource]);
    else list.push(resource);
  }
  return byProject;
}

/** How a page of a run speaks of things. */
export interface Voice {
  /** How people call the resource of an ARN: its id where the run knows it. */
  readonly nameOf: (arn: string) => string;
  /** A time in UTC, as short as is clear. */
  readonly tell: (at: Date) => string;
}

export function voiceOf(result: RunResult): Voice {
  const ids = new Map(result.resources.map(({ arn, id }) => [arn, id]));
  return { nameOf: (arn) => ids.get(arn) ?? arn, tell: timeIn(result) };
}
