/** Weeks back from which the same weekday is taken. Four to eight do about as well; six outlive two odd ones. */
const WEEKS = 6;
const WEEK = 7;
/** Of a week with fewer known days the level is not known. */
const LEVEL_NEEDS = 4;
/** So many days back it is asked how far forecasts were off. */
const SPREAD_DAYS = 42;
/** With fewer forecasts nothing is usual. */
const SPREAD_NEEDS = 5;
/** Few forecasts make the spread look small: by 1 + this ÷ their number it is widened. */
const WIDEN = 5;
/** Makes the median of absolute deviations what a standard deviation is, where deviations are normal. */
const NORMAL = 1.4826;
/** In so many spreads about what is expected a day is usual. */
const SPREADS = 3;
/**
 * A spread is 6 % at least: bills of the steadiest project differ by some percent. And it is 60 % at most (usual is then
 * up to six times what is expected): where forecasts are off by more, as of training runs now and then, they say
 * nothing, and whether such a day came before decides.
 */
const [LEAST_SPREAD, LARGEST_SPREAD] = [0.06, 0.6];
/**
 * Deviations are measured as a ratio, of amounts with this share of a mean day added, so that they are the same for
 * large and small projects, and days on which nothing ran have one too.
 */
const OFFSET = 0.05;

/** What is usual of a day. USD × 1,000,000, as all amounts here: they are compared, never summed up to a bill. */
export interface Usual {
  readonly expected: number;
  /** Between these a day is usual. */
  readonly low: number;
  readonly high: number;
}

/**
 * Amounts day by day, and what could be expected of each from the days before it: a robust seasonal forecast (the
 * weekly pattern by medians, the level by the median of a week, deviations by their median), as in seasonal hybrid ESD
 * (Hochenbaum, Vallis and Kejariwal, "Automatic Anomaly Detection in the Cloud Via Statistical Learning", 2017). Single
 * odd days change none of these.
 */
export class DaySeries {
  /** By index, 0 is the first day; `undefined` = not known. */
  readonly amounts: readonly (number | undefined)[];
  readonly #levels = new Map<number, { readonly made: number }>();
  readonly #expected = new Map<number, { readonly made: number | undefined }>();
  readonly #usual = new Map<number, { readonly made: Usual | undefined }>();

  constructor(amounts: readonly (number | undefined)[]) {
    this.amounts = amounts;
  }

  /** From one index to another, which is not included. */
  known(from: number, to: number): readonly number[] {
    return this.amounts.slice(Math.max(0, from), Math.max(0, to)).filter((amount) => amount !== undefined);
  }

  /** What is usual of a day; `undefined` where too few days before it are known. */
  usual(index: number): Usual | undefined {
    return memo(this.#usual, index, () => {
      const expected = this.expected(index);
      if (expected === undefined) return undefined;
      const offset = this.#offset(index);
      const deviations: number[] = [];
      for (let day = Math.max(0, index - SPREAD_DAYS); day < index; day += 1) {
        const [amount, foreseen] = [this.amounts[day], this.expected(day)];
        if (amount === undefined || foreseen === undefined) continue;
        deviations.push(Math.abs(Math.log((amount + offset) / (foreseen + offset))));
      }
      if (deviations.length < SPREAD_NEEDS) return undefined;
      const spread = NORMAL * median(deviations) * (1 + WIDEN / deviations.length);
      const factor = Math.exp(SPREADS * Math.min(LARGEST_SPREAD, Math.max(LEAST_SPREAD, spread)));
      return {
        expected,
        low: Math.max(0, (expected + offset) / factor - offset),
        high: (expected + offset) * factor - offset,
      };
    });
  }

  /**
   * The median of the same weekday in the weeks before, each × how much higher the level is now than it was then;
   * `undefined` where there is none.
   */
  expected(index: number): number | undefined {
    return memo(this.#expected, index, () => {
      const level = this.#level(index);
      const same: number[] = [];
      for (let day = index - WEEK; day >= Math.max(0, index - WEEKS * WEEK); day -= WEEK) {
        const [amount, then] = [this.amounts[day], this.#level(day)];
        if (amount !== undefined) same.push(level > 0 && then > 0 ? (amount * level) / then : amount);
      }
      return same.length === 0 ? undefined : median(same);
    });
  }

  /**
   * How far a day is above what was expected of it; below zero is below. Of the first week nothing was expected: the
   * same weekday a week later stands in for that.
   */
  extra(index: number): number {
    const amount = this.amounts[index];
    const expected = this.expected(index) ?? this.amounts[index + WEEK] ?? this.#level(index);
    return amount === undefined ? 0 : amount - expected;
  }

  /** The median of the week before; of the first days that of the first week. A week has each weekday once. */
  #level(index: number): number {
    return memo(this.#levels, index, () => {
      const week = index < WEEK ? [] : this.known(index - WEEK, index);
      return median(week.length >= LEVEL_NEEDS ? week : this.known(0, WEEK));
    });
  }

  #offset(index: number): number {
    const recent = this.known(index - SPREAD_DAYS, index);
    const mean = recent.reduce((sum, amount) => sum + amount, 0) / Math.max(1, recent.length);
    return Math.max(1, OFFSET * mean);
  }
}

/** 0 of none. */
function median(amounts: readonly number[]): number {
  const sorted = [...amounts].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

/** Works something out once. */
function memo<T>(known: Map<number, { readonly made: T }>, index: number, make: () => T): T {
  const there = known.get(index) ?? { made: make() };
  known.set(index, there);
  return there.made;
}
