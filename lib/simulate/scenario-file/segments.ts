import { assertNever } from '../../types/assert-never.ts';
import type { Use } from '../account/use.ts';
import type { UseSegment } from '../scenario.ts';
import { type Metered, useOfFigures, useOfWord } from './figures.ts';
import { instantOf, type Moment, shown } from './moments.ts';
import type { PulseForm, SegmentForm, UseForm, WeeklyForm } from './use-schema.ts';
import { type SpanMs, type WallClock, weeklySpans } from './weekly.ts';

/** A mistake in a use, and the steps that lead to it from the use. */
export interface UseFinding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What the uses of a scenario have in common. */
export interface Setting {
  /** The scenario’s own span: offsets count from its beginning. */
  readonly from: Date;
  readonly to: Date;
  /** Of what repeats weekly and names none. */
  readonly timezone: string;
  readonly wall: WallClock;
}

/** One stretch of one use, in epoch milliseconds; `to` is exclusive. */
interface Stretch extends SpanMs {
  readonly use: Use | undefined;
}

/**
 * What a form comes to from `since` to the end of the scenario, without a gap and in order. `shiftMs`: everything in it
 * comes so much later.
 */
export function segmentsOf(
  form: UseForm,
  resource: Metered & { readonly since: Date },
  setting: Setting,
  shiftMs = 0,
): readonly UseSegment[] {
  const speller = new Speller(resource, setting);
  const whole = { from: resource.since.getTime(), to: setting.to.getTime() };
  const stretches = speller.spell(form, { from: whole.from - shiftMs, to: whole.to });
  const dates = new Map<number, Date>();
  const dateOf = (ms: number): Date => {
    const known = dates.get(ms) ?? new Date(ms);
    dates.set(ms, known);
    return known;
  };
  return [...joined(stretches, shiftMs, whole)].map(({ from, to, use }) => ({
    from: dateOf(from),
    to: dateOf(to),
    use,
  }));
}

/** Shifts and cuts stretches, and makes one of neighbours with the same use. */
function* joined(stretches: Iterable<Stretch>, shiftMs: number, whole: SpanMs): Generator<Stretch> {
  let open: Stretch | undefined;
  for (const { from, to, use } of stretches) {
    const begins = Math.max(from + shiftMs, whole.from);
    const ends = Math.min(to + shiftMs, whole.to);
    if (ends <= begins) continue;
    if (open !== undefined && open.use === use) open = { ...open, to: ends };
    else {
      if (open !== undefined) yield open;
      open = { from: begins, to: ends, use };
    }
  }
  if (open !== undefined) yield open;
}

const IDLE: UseForm = { form: 'word', word: 'idle' };

/** Spells a form out over a span. Each form has one `Use`, however often it comes. */
class Speller {
  readonly #resource: Metered;
  readonly #setting: Setting;
  readonly #uses = new Map<UseForm, Use | undefined>();

  constructor(resource: Metered, setting: Setting) {
    this.#resource = resource;
    this.#setting = setting;
  }

  *spell(form: UseForm, window: SpanMs): Generator<Stretch> {
    if (window.to <= window.from) return;
    switch (form.form) {
      case 'word':
      case 'figures':
        yield { ...window, use: this.#useOf(form) };
        return;
      case 'segment':
        yield* this.#list([form], window);
        return;
      case 'list':
        yield* this.#list(form.items, window);
        return;
      case 'weekly': {
        const { timezone = this.#setting.timezone } = form;
        yield* this.#repeats(form, weeklySpans({ ...form, timezone }, window, this.#setting.wall), window);
        return;
      }
      case 'pulse':
        yield* this.#repeats(form, pulseSpans(form, this.#setting.from.getTime(), window), window);
        return;
      default:
        assertNever(form);
    }
  }

  #useOf(form: Extract<UseForm, { form: 'word' | 'figures' }>): Use | undefined {
    const key = form.form === 'word' && form.word === 'idle' ? IDLE : form;
    if (this.#uses.has(key)) return this.#uses.get(key);
    const use =
      form.form === 'word'
        ? useOfWord(form.word, this.#resource)
        : useOfFigures(form.figures, this.#resource);
    this.#uses.set(key, use);
    return use;
  }

  *#repeats(
    { use, otherwise }: WeeklyForm | PulseForm,
    spans: Iterable<SpanMs>,
    window: SpanMs,
  ): Generator<Stretch> {
    let cursor = window.from;
    for (const one of spans) {
      yield* this.spell(otherwise, { from: cursor, to: one.from });
      yield* this.spell(use, one);
      cursor = one.to;
    }
    yield* this.spell(otherwise, { from: cursor, to: window.to });
  }

  *#list(items: readonly UseForm[], window: SpanMs): Generator<Stretch> {
    let cursor = window.from;
    for (const { form, from, to } of placed(items, window, this.#setting.from)) {
      const begins = Math.max(from, cursor);
      const ends = Math.min(to, window.to);
      if (ends <= begins) continue;
      yield* this.spell(IDLE, { from: cursor, to: begins });
      yield* this.spell(form, { from: begins, to: ends });
      cursor = ends;
    }
    yield* this.spell(IDLE, { from: cursor, to: window.to });
  }
}

/** When something that lasts for so long, again and again from `origin` on, holds in a window. */
function* pulseSpans(
  { everyMs, forMs }: Pick<PulseForm, 'everyMs' | 'forMs'>,
  origin: number,
  window: SpanMs,
): Generator<SpanMs> {
  let from = origin + Math.floor((window.from - origin) / everyMs) * everyMs;
  for (; from < window.to; from += everyMs) {
    const span = { from: Math.max(from, window.from), to: Math.min(from + forMs, window.to) };
    if (span.to > span.from) yield span;
  }
}

/** An item of a list, and where it stands: where its ends are open, between its neighbours. */
interface Placed extends SpanMs {
  readonly form: UseForm;
  readonly item: UseForm;
}

const timesOf = (item: UseForm): Pick<SegmentForm, 'from' | 'to'> => (item.form === 'segment' ? item : {});

function placed(items: readonly UseForm[], window: SpanMs, origin: Date): readonly Placed[] {
  const ms = (moment: Moment): number => instantOf(moment, origin).getTime();
  let cursor = window.from;
  return items.map((item, index) => {
    const own = timesOf(item);
    const next = items[index + 1];
    const following = next === undefined ? undefined : timesOf(next).from;
    const from = own.from === undefined ? cursor : ms(own.from);
    const to = own.to !== undefined ? ms(own.to) : following === undefined ? window.to : ms(following);
    cursor = to;
    return { item, form: item.form === 'segment' ? item.use : item, from, to };
  });
}

/**
 * The mistakes in the times of a use: an end before its beginning, an overlap, what can never come. Times under what
 * repeats are cut to it, and no mistakes.
 */
export function* checkTimes(
  form: UseForm,
  since: Date,
  setting: Setting,
  path: readonly PropertyKey[] = [],
): Generator<UseFinding> {
  if (form.form !== 'segment' && form.form !== 'list') return;
  const items = form.form === 'list' ? form.items : [form];
  const window = { from: since.getTime(), to: setting.to.getTime() };
  let before: Placed | undefined;
  for (const [index, one] of placed(items, window, setting.from).entries()) {
    const here = form.form === 'list' ? [...path, index] : path;
    const message = timeMistake(one, before, window);
    if (message !== undefined) yield { path: [...here, message[0]], message: message[1] };
    if (one.item.form === 'segment') yield* checkTimes(one.form, since, setting, [...here, 'use']);
    else if (one.item.form === 'list') yield* checkTimes(one.item, since, setting, here);
    before = one;
  }
}

function timeMistake(
  { item, from, to }: Placed,
  before: Placed | undefined,
  window: SpanMs,
): readonly [key: string, message: string] | undefined {
  const { from: begins, to: ends } = timesOf(item);
  const at = (ms: number): string => shown(new Date(ms));
  if (begins === undefined && before !== undefined && before.to >= window.to) {
    return ['from', 'It never comes: the use before it has no end. Give that one a `to`, or this a `from`.'];
  }
  if (before !== undefined && from < before.to) {
    return [
      'from',
      `It begins at ${at(from)}, before the one above it ends (${at(before.to)}). Put them in order, without overlap.`,
    ];
  }
  if (from >= window.to) {
    return [
      'from',
      `It begins at ${at(from)}, and the scenario ends at ${at(window.to)}. Remove it, or let the scenario last longer.`,
    ];
  }
  if (to <= from) {
    const end = ends === undefined ? 'the next begins' : 'it ends';
    return ['to', `It begins at ${at(from)}, and ${end} at ${at(to)}. Write an end after its beginning.`];
  }
  if (to <= window.from) {
    return ['to', `It ends at ${at(to)}, and the resource is there from ${at(window.from)}. Remove it.`];
  }
  return undefined;
}
