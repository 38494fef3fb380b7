import { isMap, isScalar, isSeq, type Pair, parseDocument } from 'yaml';
import { FORMS } from '../policy/forms.ts';
import { show } from '../policy/words.ts';
import type { Dismissal } from '../types/recommendation.ts';
import { whyUnwritable } from './html-file.ts';
import { UsageError } from './io.ts';
import { loadPolicy } from './load-policy.ts';
import { readPolicyText } from './read-policy.ts';
import { replaceFile } from './replace-file.ts';

/** What nobody looks at for longer than this is forgotten rather than dismissed. Days. */
const MOST_DAYS = 366;

/**
 * Writes a dismissal into a policy file: the rest of it, comments and layout, stays as it is.
 * @throws UsageError one line, where the file has mistakes, or cannot be written; it is then as it was
 */
export async function dismiss(dismissal: Dismissal, file: string, now: Date): Promise<void> {
  checkDismissal(dismissal, now);
  const policy = await loadPolicy(file);
  if (policy.dismissed.some(({ recommendation }) => recommendation === dismissal.recommendation)) {
    throw new UsageError(
      `${file}: ${show(dismissal.recommendation)} is dismissed there already. Change its \`until\` and \`reason\` in the file.`,
    );
  }
  const changed = withDismissal(await readPolicyText(file), dismissal);
  if (changed === undefined) {
    throw new UsageError(
      `${file}: \`dismissed\` is not a list of one line each, so it is left as it is. Add this to it: ${lineOf(dismissal)}`,
    );
  }
  const { parsePolicy } = await import('../policy/parse.ts');
  parsePolicy(changed, file);
  try {
    await replaceFile(file, changed);
  } catch (cause) {
    throw new UsageError(`${file}: ${whyUnwritable(cause)}`, { cause });
  }
}

function checkDismissal({ recommendation, until, reason }: Dismissal, now: Date): void {
  if (!FORMS.recommendation.test(recommendation)) {
    throw new UsageError(
      `${show(recommendation)} is no id of a recommendation. Copy it from bursar recommend, in quotes: the check and the ARN.`,
    );
  }
  const day = new Date(`${until}T00:00:00Z`);
  if (!FORMS.day.test(until) || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== until) {
    throw new UsageError(`--until: ${show(until)} is no day. Write it such as 2027-01-31.`);
  }
  const days = (day.getTime() - now.getTime()) / 86_400_000;
  if (days < -1) throw new UsageError(`--until: ${until} is over. Write a day to come.`);
  if (days > MOST_DAYS) {
    throw new UsageError(
      `--until: ${until} is more than a year away. Write a day within it, and look again then.`,
    );
  }
  if (reason.trim() === '') throw new UsageError('--reason: It is empty. Say why, in a few words.');
}

/** JSON is YAML: whatever stands in it reads as it was meant. */
const lineOf = ({ recommendation, until, reason }: Dismissal): string =>
  `- { recommendation: ${JSON.stringify(recommendation)}, until: ${until}, reason: ${JSON.stringify(reason)} }`;

/** The text with a line more; `undefined` where its `dismissed` is written in a way that has no lines. */
export function withDismissal(text: string, dismissal: Dismissal): string | undefined {
  const document = parseDocument(text);
  const root = document.contents;
  if (!isMap(root) || root.flow === true) return undefined;
  const pair = root.items.find(({ key }) => isScalar(key) && key.value === 'dismissed');
  const line = lineOf(dismissal);
  const end = text.endsWith('\n') ? text.length : undefined;
  if (pair === undefined) {
    return `${text}${end === undefined ? '\n' : ''}\n# Recommendations that nobody wants to be told of until a day.\ndismissed:\n  ${line}\n`;
  }
  return inside(text, pair, line);
}

function inside(text: string, { value }: Pair, line: string): string | undefined {
  if (!isSeq(value) || value.range === undefined || value.range === null) return undefined;
  const [start, valueEnd] = value.range;
  if (value.items.length === 0) return `${text.slice(0, start)}\n  ${line}${text.slice(valueEnd)}`;
  if (value.flow === true) return undefined;
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  const before = text.slice(0, valueEnd).replace(/\s*$/, '');
  return `${before}\n${indent}${line}\n${text.slice(valueEnd).replace(/^\n/, '')}`;
}
