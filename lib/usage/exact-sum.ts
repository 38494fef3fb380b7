/**
 * A sum of floating-point numbers without error: whatever the order, it comes to the number that is nearest to the true
 * sum. Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997: it keeps what each addition would round off.
 */
export class ExactSum {
  /** Apart from each other in size, the smallest first: no two share a bit. */
  readonly #parts: number[] = [];

  /** @param value finite */
  add(value: number): void {
    let [x, kept] = [value, 0];
    for (const part of this.#parts) {
      const [large, small] = Math.abs(x) < Math.abs(part) ? [part, x] : [x, part];
      x = large + small;
      const rest = small - (x - large);
      if (rest !== 0) {
        this.#parts[kept] = rest;
        kept += 1;
      }
    }
    this.#parts[kept] = x;
    this.#parts.length = kept + 1;
  }

  value(): number {
    const parts = [...this.#parts];
    let [sum, rest] = [parts.pop() ?? 0, 0];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const before = sum;
      sum += part;
      rest = part - (sum - before);
      if (rest !== 0) break;
    }
    // Halfway between two numbers it was rounded to the even one; what is smaller yet says which is nearer.
    const next = parts.pop();
    if (next !== undefined && Math.sign(next) === Math.sign(rest)) {
      const twice = rest * 2;
      const other = sum + twice;
      if (other - sum === twice) return other;
    }
    return sum;
  }
}
