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

/** How people call the resource of an ARN: its id where the run knows it. */
export function namesOf({ resources }: Pick<RunResult, 'resources'>): (arn: string) => string {
  const ids = new Map(resources.map(({ arn, id }) => [arn, id]));
  return (arn) => ids.get(arn) ?? arn;
}
