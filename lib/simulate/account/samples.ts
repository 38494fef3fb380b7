import type { Sample } from '../../types/evidence.ts';

/** Samples in the order of time. An array is one; others hold a month of thousands of metrics in little memory. */
export interface SampleList extends Iterable<Sample> {
  readonly length: number;
  /** As of an array: `-1` is the last one. */
  at(index: number): Sample | undefined;
  slice(start?: number, end?: number): readonly Sample[];
}

/** Calls back for each sample, with its time in epoch milliseconds; makes no object for it where none is there. */
export function eachSample(samples: SampleList, visit: (time: number, value: number) => void): void {
  if (samples instanceof PackedSamples) samples.visit(visit);
  else for (const { at, value } of samples) visit(at.getTime(), value);
}

/** The index of the first sample at or after an instant, in epoch milliseconds; `length` where there is none. */
export function firstIndexFrom(samples: SampleList, time: number): number {
  const timeAt =
    samples instanceof PackedSamples
      ? (index: number) => samples.timeAt(index)
      : (index: number) => samples.at(index)?.at.getTime() ?? time;
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeAt(middle) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Samples that follow one another without a gap. */
interface Stretch {
  /** The index of its first sample, and when that begins, in epoch milliseconds. */
  readonly first: number;
  readonly starts: number;
}

/**
 * Samples of one period, eight bytes each: their times are those of a grid, told anew after each gap. Its last value may
 * go on for as long as one likes, at no cost.
 */
export class PackedSamples implements SampleList {
  readonly #periodMs: number;
  readonly #stretches: Stretch[] = [];
  #values: Float64Array;
  /** How many values were put. */
  #count = 0;
  /** How many times the last of them is repeated. */
  #more = 0;
  #next = Number.NEGATIVE_INFINITY;

  /** @param room for so many values; more can be put */
  constructor(periodMs: number, room = 0) {
    this.#periodMs = periodMs;
    this.#values = new Float64Array(room);
  }

  get length(): number {
    return this.#count + this.#more;
  }

  /** When the last sample that was put is over; before all time where there is none. */
  get end(): number {
    return this.#next;
  }

  /** Adds a sample. @throws Error where it does not begin after the last one */
  push(time: number, value: number): void {
    const { length } = this;
    if (length > 0 && time <= this.timeAt(length - 1)) throw new Error('Samples must come in order.');
    if (this.#more > 0) throw new Error('Nothing can follow what goes on.');
    if (time !== this.#next) this.#stretches.push({ first: length, starts: time });
    if (this.#count === this.#values.length) {
      const values = new Float64Array(Math.max(16, 2 * this.#count));
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[this.#count] = value;
    this.#count += 1;
    this.#next = time + this.#periodMs;
  }

  /** Gives back the room that is not needed. */
  trim(): this {
    if (this.#count < this.#values.length) this.#values = this.#values.slice(0, this.#count);
    return this;
  }

  /** The last sample is repeated, period after period, as long as they begin before `end` (epoch milliseconds). */
  goOnUntil(end: number): this {
    if (this.#count > 0) this.#more += Math.max(0, Math.ceil((end - this.#next) / this.#periodMs));
    return this;
  }

  timeAt(index: number): number {
    let [low, high] = [0, this.#stretches.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#stretches[middle]?.first ?? 0) <= index) low = middle;
      else high = middle;
    }
    const stretch = this.#stretches[low];
    return stretch === undefined ? Number.NaN : stretch.starts + (index - stretch.first) * this.#periodMs;
  }

  at(index: number): Sample | undefined {
    const { length } = this;
    const n = index < 0 ? length + index : index;
    return n < 0 || n >= length ? undefined : { at: new Date(this.timeAt(n)), value: this.#valueAt(n) };
  }

  slice(start = 0, end = this.length): readonly Sample[] {
    const bound = (n: number): number => Math.min(this.length, Math.max(0, n < 0 ? this.length + n : n));
    const samples: Sample[] = [];
    this.visit((time, value) => samples.push({ at: new Date(time), value }), bound(start), bound(end));
    return samples;
  }

  visit(visit: (time: number, value: number) => void, start = 0, end = this.length): void {
    for (let n = 0; n < this.#stretches.length; n += 1) {
      const stretch = this.#stretches[n];
      if (stretch === undefined) continue;
      const last = Math.min(end, this.#stretches[n + 1]?.first ?? this.length);
      for (let index = Math.max(start, stretch.first); index < last; index += 1) {
        visit(stretch.starts + (index - stretch.first) * this.#periodMs, this.#valueAt(index));
      }
    }
  }

  *[Symbol.iterator](): Iterator<Sample> {
    for (let index = 0; index < this.length; index += 1) {
      const sample = this.at(index);
      if (sample !== undefined) yield sample;
    }
  }

  #valueAt(index: number): number {
    return this.#values[Math.min(index, this.#count - 1)] ?? Number.NaN;
  }
}
