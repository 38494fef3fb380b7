import { findingsOf } from './findings.ts';
import type { GateResult } from './result.ts';

/** As many annotations of each level GitHub takes of one step (GitHub Docs, “Usage limits”). */
const MOST = 10;

/** The findings of a gate as workflow commands of GitHub Actions, a line each. */
export function gateAnnotations(result: GateResult): readonly string[] {
  const findings = Map.groupBy(findingsOf(result), ({ level }) => level);
  return [...findings.values()].flatMap((own) =>
    own.slice(0, MOST).map(({ level, title, message, place: { file, line, col } }) => {
      const properties = [
        `file=${property(file)}`,
        ...(line === undefined ? [] : [`line=${line}`]),
        ...(col === undefined ? [] : [`col=${col}`]),
        `title=${property(title)}`,
      ];
      return `::${level} ${properties.join(',')}::${data(message)}`;
    }),
  );
}

/** What begins and ends what is not to be read as commands: text of templates may look like one. */
export const withoutCommands = (token: string) => ({
  begin: `::stop-commands::${token}`,
  end: `::${token}::`,
});

/** Escapes as the runner reads them (`@actions/core`, command.ts). */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
