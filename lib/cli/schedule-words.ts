import { duration } from '../decide/sentences.ts';
import type { DaySpan, RuntimeRule, Schedule } from '../policy/schedule.ts';
import type { ClockChange } from './schedule-clock.ts';

/* Hours, and what comes of them, in words for people. */

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Of a date `2026-03-29`; Monday is 0. */
export const weekdayOf = (date: string): number => (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7;

/** `Sun 29 Mar` of `2026-03-29`; with the year where it is not that of `beside`. */
export function dayText(date: string, beside: string): string {
  const [year = '', month, day] = date.split('-');
  const text = `${DAYS[weekdayOf(date)]} ${Number(day)} ${MONTHS[Number(month) - 1]}`;
  return beside.startsWith(year) ? text : `${text} ${year}`;
}

/** `UTC+2`, `UTC+5:30`, `UTC` of an offset such as `+02:00`. */
export function offsetText(offset: string): string {
  const [, sign = '', hours = '', minutes = ''] = /^([+-])(\d\d):(\d\d)/.exec(offset) ?? [];
  const amount = `${Number(hours)}${minutes === '00' ? '' : `:${minutes}`}`;
  return amount === '0' ? 'UTC' : `UTC${sign === '-' ? '−' : '+'}${amount}`;
}

/** `leap 02:00→03:00`, `go back 03:00→02:00`. */
export const clocksText = ({ isForward, from, to }: ClockChange): string =>
  `clocks ${isForward ? 'leap' : 'go back'} ${from}→${to}`;

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

const spanText = ({ from, to }: DaySpan): string => `${clock(from)}-${clock(to > 1_440 ? to - 1_440 : to)}`;

/** `Mon-Fri 08:00-19:00, Sat 10:00-14:00`: days that have the same hours together; those without are left out. */
export function weekText(week: Schedule['week']): string {
  const runs: { first: number; last: number; text: string }[] = [];
  for (const [day, spans] of week.entries()) {
    const text = spans.map(spanText).join(' and ');
    const before = runs.at(-1);
    if (before?.text === text) before.last = day;
    else runs.push({ first: day, last: day, text });
  }
  const texts = runs.flatMap(({ first, last, text }) => {
    if (text === '') return [];
    if (first === 0 && last === DAYS.length - 1) return [`every day ${text}`];
    return [`${DAYS[first]}${last === first ? '' : `-${DAYS[last]}`} ${text}`];
  });
  return texts.length === 0 ? 'never open' : texts.join(', ');
}

/** What hours are: when, where, and the days without. */
export function hoursText({ name, week, timezone, holidays, closed }: Schedule): string {
  const days = closed.map(({ from, to }) => (from === to ? from : `${from} to ${to}`));
  return [
    `${name === undefined ? '' : `${name}: `}${weekText(week)}`,
    timezone,
    ...(holidays === undefined ? [] : [`not on public holidays of ${holidays}`]),
    ...(days.length === 0 ? [] : [`closed on ${days.join(', ')}`]),
  ].join('; ');
}

/** What is done where hours begin and end, a sentence each. */
export function whatIsDone(schedule: Schedule): string {
  const { startAheadSeconds, warnSeconds, manualStartSeconds, endpoints } = schedule;
  const ahead = startAheadSeconds === 0 ? '' : ` ${duration(startAheadSeconds)} ahead`;
  const sentences = [
    schedule.do === 'stop'
      ? 'Opening starts nothing.'
      : schedule.starts === 'all'
        ? `Opening starts${ahead} all that is stopped, but what Bursar stopped for another reason.`
        : `Opening starts${ahead} what a closing stopped.`,
  ];
  if (schedule.do === 'start') return [...sentences, 'Closing stops nothing.'].join(' ');
  const told = warnSeconds === 0 ? 'without telling people before' : `told ${duration(warnSeconds)} before`;
  sentences.push(
    `Closing stops what runs, ${told}${endpoints === 'scale-down' ? '; endpoints are scaled down' : ''}.`,
    manualStartSeconds === undefined
      ? 'What somebody starts outside hours runs to the next closing.'
      : manualStartSeconds === 0
        ? 'What somebody starts outside hours is stopped at once.'
        : `What somebody starts outside hours runs for ${duration(manualStartSeconds)}.`,
  );
  return sentences.join(' ');
}

/** `12 h from its start on, then it is stopped; people are told 30 min before`. */
export function runtimeText({ afterSeconds, warnSeconds, do: does }: RuntimeRule): string {
  const then = does === 'stop' ? 'then it is stopped' : 'then people are told';
  const told = warnSeconds === 0 ? '' : `; people are told ${duration(warnSeconds)} before`;
  return `${duration(afterSeconds)} from its start on, ${then}${told}`;
}
