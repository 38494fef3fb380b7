import { duration } from '../decide/sentences.ts';
import type { Policy } from '../policy/policy.ts';
import type { Schedule } from '../policy/schedule.ts';
import { nextClosing, nextOpening } from '../schedule/calendar.ts';
import { edgeTime } from '../schedule/wall-time.ts';
import { oneLine } from './characters.ts';

/**
 * When what the end of hours stops comes back, and what becomes of what somebody starts before then: a sentence for
 * each policy. `from`: when it is stopped.
 */
export function comesBack(
  names: readonly string[],
  { policies }: Pick<Policy, 'policies'>,
  { from, one }: { readonly from: Date; readonly one: boolean },
): readonly string[] {
  return names.flatMap((name) => {
    const hours = policies.find((policy) => policy.name === name)?.hours ?? [];
    const said = { name: oneLine(name), one: one && names.length === 1, several: names.length > 1 };
    const opening = nextOpening(hours, from);
    if (opening === undefined || opening.schedules.every((schedule) => schedule.do === 'stop')) {
      return [staysStopped(said)];
    }
    const comes = `${subject(said)} ${said.one ? 'comes' : 'come'} back when the hours of policy ${said.name} begin: ${edgeTime(opening)}.`;
    const closing = nextClosing(hours, opening.at);
    return [comes, manualStart(hours, closing === undefined ? undefined : edgeTime(closing))];
  });
}

interface Said {
  readonly name: string;
  readonly one: boolean;
  readonly several: boolean;
}

const subject = ({ name, one, several }: Said): string =>
  several ? `Those of policy ${name}` : one ? 'It' : 'They';

const staysStopped = (said: Said): string =>
  `${subject(said)} ${said.one ? 'stays' : 'stay'} stopped until someone restores ${said.one ? 'it' : 'them'}: the hours of policy ${said.name} start nothing.`;

/** What becomes of what somebody starts outside hours. Of several schedules the most lenient counts. */
function manualStart(hours: readonly Schedule[], closing: string | undefined): string {
  const seconds = manualSeconds(hours);
  const what = 'What somebody starts before then';
  if (seconds === undefined) {
    return `${what} runs until hours end again${closing === undefined ? '' : `, ${closing}`}.`;
  }
  return seconds === 0
    ? `${what} is stopped again at once, unless it is kept.`
    : `${what} runs for ${duration(seconds)}.`;
}

function manualSeconds(hours: readonly Schedule[]): number | undefined {
  const each = hours
    .filter((schedule) => schedule.do !== 'start')
    .map((schedule) => schedule.manualStartSeconds);
  const known = each.filter((seconds) => seconds !== undefined);
  return known.length < each.length || known.length === 0 ? undefined : Math.max(...known);
}
