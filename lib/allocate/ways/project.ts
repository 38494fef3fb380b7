import { type Divided, evenly, partsOfDays, type Shareable } from '../shareable.ts';

/** All of it to one project. */
export const giveToProject = (project: string, { costs }: Shareable): Divided => ({
  explained: [`All of it goes to ${project}.`],
  fallbacks: [],
  parts: partsOfDays(costs, evenly([project])),
});
