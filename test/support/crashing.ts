/** The process is gone: what was under way never comes back, and nothing more is done. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * Counts the steps of a process, each one thing that it waits for, and ends it at one of them. Step `2n` is just
 * before the `n`th call goes out; step `2n + 1` is when its work is done and its answer is lost.
 */
export class Gate {
  readonly #at: number;
  #calls = 0;
  #dead = false;

  /** @param at the step to crash at; `undefined` = never. */
  constructor(at?: number) {
    this.#at = at ?? Number.POSITIVE_INFINITY;
  }

  /** How many steps there were, dead or alive. */
  get steps(): number {
    return 2 * this.#calls;
  }

  async pass<T>(call: () => Promise<T>): Promise<T> {
    const step = 2 * this.#calls;
    this.#calls += 1;
    this.#live(step);
    const answer = await call();
    this.#live(step + 1);
    return answer;
  }

  #live(step: number): void {
    if (step === this.#at) this.#dead = true;
    if (this.#dead) throw new Crash(`at step ${this.#at}`);
  }

  /** The same object, whose functions (all, or those named) are steps. */
  guard<T extends object>(target: T, only?: readonly string[]): T {
    return new Proxy(target, {
      get: (object, name, receiver) => {
        const value: unknown = Reflect.get(object, name, receiver);
        if (typeof value !== 'function' || (only !== undefined && !only.includes(String(name)))) return value;
        return (...args: unknown[]) => this.pass(async () => Reflect.apply(value, object, args));
      },
    });
  }
}
