import { atMinute } from '../decide/sentences.ts';
import type { AuditLine } from '../people/answer.ts';
import type { Colours, Io } from './io.ts';
import { idOfArn, type Sight } from './sweep-answer.ts';
import { plainColumns, table } from './table.ts';

type View = Pick<Io, 'outColours' | 'width'>;

/** The trail, a line an entry, newest last. */
export function auditLines(
  audit: readonly AuditLine[],
  left: number,
  since: Date,
  { outColours, width }: View,
): readonly string[] {
  if (audit.length === 0) return [`Nothing since ${atMinute(since)}.`];
  const rows = audit.map((line) => [
    { text: atMinute(new Date(line.at)), paint: outColours.dim },
    { text: line.action },
    { text: line.event, paint: paintOf(line.event, outColours) },
    { text: line.id ?? (line.arn === undefined ? '' : idOfArn(line.arn)) },
    { text: line.project ?? '' },
    { text: line.by ?? '' },
    { text: whyOf(line) },
  ]);
  const titles = ['TIME', 'ACTION', 'EVENT', 'RESOURCE', 'PROJECT', 'BY', 'WHY'];
  const columns = titles.map((title) => ({ title, ...(title === 'RESOURCE' ? { max: 40 } : {}) }));
  const older = left === 0 ? [] : [`${left} older ones are not shown. Ask for less: --since, --project.`];
  return [...older, ...table(columns, rows, { width, indent: '', heading: outColours.dim })];
}

/** An intent is told with its reason; what became of it with the detail, or the code of the refusal. */
function whyOf({ event, reason, code, detail, policy, rule }: AuditLine): string {
  const asked = rule ?? policy ?? '';
  switch (event) {
    case 'intended':
      return asked === '' ? reason : `${reason} (${asked})`;
    case 'taken':
      return detail;
    case 'skipped':
    case 'failed':
      return code === undefined ? detail : `${code}: ${detail}`;
  }
}

function paintOf(event: AuditLine['event'], { green, red, yellow, dim }: Colours): (text: string) => string {
  switch (event) {
    case 'taken':
      return green;
    case 'failed':
      return red;
    case 'skipped':
      return yellow;
    case 'intended':
      return dim;
  }
}

/** What a sweep would do with the resource now, or why it leaves it alone. */
export function nowLines(sight: Sight | undefined, { outColours, width }: View): readonly string[] {
  const { bold } = outColours;
  if (sight === undefined) return ['', `${bold('Now:')} a sweep sees no such resource.`];
  const rows = sight.findings.map(({ what, why }) => [{ text: what }, { text: why }]);
  return ['', bold('Now, a sweep would say:'), ...table(plainColumns(2), rows, { width })];
}
