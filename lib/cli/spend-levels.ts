import { printable } from '../policy/words.ts';
import type { LevelRow, SpendRow } from './spend-row.ts';

/** A row of the table: whose it is, how it is called and within how many others it stands. */
export type LeveledRow =
  | {
      readonly level: 'project' | 'none';
      readonly name: string;
      readonly depth: number;
      readonly row: SpendRow;
    }
  | {
      readonly level: 'team' | 'model';
      readonly name: string;
      readonly depth: number;
      readonly row: LevelRow;
    };

/** Rows of projects with those of teams before their projects and those of models below theirs. */
export function arranged(rows: readonly SpendRow[], levels: readonly LevelRow[]): readonly LeveledRow[] {
  const teams = levels.filter(({ level }) => level === 'team');
  const ofTeams = new Set(teams.flatMap(({ projects }) => projects));
  const own = (row: SpendRow, depth: number): readonly LeveledRow[] => [
    { level: row.project === null ? 'none' : 'project', name: row.project ?? 'No project', depth, row },
    ...levels
      .filter(({ level, projects: [project] }) => level === 'model' && project === row.project)
      .map(
        (model): LeveledRow => ({
          level: 'model',
          name: `Model ${model.name}`,
          depth: depth + 1,
          row: model,
        }),
      ),
  ];
  return [
    ...teams.flatMap((team): readonly LeveledRow[] => [
      { level: 'team', name: `Team ${team.name}`, depth: 0, row: team },
      ...rows
        .filter(({ project }) => project !== null && team.projects.includes(project))
        .flatMap((row) => own(row, 1)),
    ]),
    ...rows.filter(({ project }) => project === null || !ofTeams.has(project)).flatMap((row) => own(row, 0)),
  ];
}

/** Of a team or model, within a sentence or alone on a line: `Team alpha`, `Model scorer of fraud`. */
export const levelName = ({ level, name, projects: [project = ''] }: LevelRow): string =>
  printable(level === 'team' ? `Team ${name}` : `Model ${name} of ${project}`);
