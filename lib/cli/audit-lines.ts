import { atMinute } from '../decide/sentences.ts';
import type { AuditLine } from '../people/answer.ts';
import type { Colours, Io } from './io.ts';
import { idOfArn, type Sight } from './sweep-answer.ts';
import { plainColumns, table } from './table.ts';
import { wordOf } from './words.ts';

type View = Pick<Io, 'outColours' | 'width'>;

export interface Trail {
  readonly audit: readonly AuditLine[];
  /** How many older ones were left off. */
  readonly left: number;
  readonly since: Date;
  /** What was asked for alone, which then needs no column. */
  readonly only: 'project' | 'resource' | undefined;
}

/** The trail, a line an entry, newest last. */
export function auditLines(
  { audit, left, since, only }: Trail,
  { outColours, width }: View,
): readonly string[] {
  if (audit.length === 0) return [`Nothing since ${atMinute(since)}.`];
  const columns = [
    { title: 'TIME (UTC)' },
    { title: 'ACTION' },
    { title: 'EVENT' },
    ...(only === 'resource' ? [] : [{ title: 'RESOURCE', max: 40 }]),
    ...(only === undefined ? [{ title: 'PROJECT' }] : []),
    { title: 'WHY' },
  ];
  const rows = audit.map((line) => [
    { text: line.at.slice(0, 16).replace('T', ' '), paint: outColours.dim },
    { text: line.action },
    { text: line.event, paint: paintOf(line.event, outColours) },
    ...(only === 'resource' ? [] : [{ text: line.id ?? (line.arn === undefined ? '' : idOfArn(line.arn)) }]),
    ...(only === undefined ? [{ text: line.project ?? '' }] : []),
    { text: whyOf(line) },
  ]);
  const older = left === 0 ? [] : [`${left} older ones are not shown. Ask for less: --since, --project.`];
  return [...older, ...table(columns, rows, { width, indent: '', heading: outColours.dim })];
}

/** An intent is told with its reason; what became of it with the detail, or the code of the refusal. */
function whyOf({ event, reason, code, detail, policy, rule, by }: AuditLine): string {
  const asked = rule ?? policy ?? '';
  const who = by === undefined ? '' : ` Asked by ${by}.`;
  switch (event) {
    case 'intended':
      // What a person asks for says so itself.
      return asked === '' || by !== undefined ? reason : `${reason} (${asked})`;
    case 'taken':
      return `${detail}${who}`;
    case 'skipped':
    case 'failed':
      return `${code === undefined ? detail : `${code}: ${detail}`}${who}`;
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
  const rows = sight.findings.map(({ what, why }) => [{ text: wordOf(what) }, { text: why }]);
  return ['', bold('Now, a sweep would say:'), ...table(plainColumns(2), rows, { width })];
}
