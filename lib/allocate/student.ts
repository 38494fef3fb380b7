/** Two-sided 95 % quantiles of Student's t for 1 to 10 degrees of freedom (any table of the distribution). */
const QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228] as const;

/** The same of the normal distribution. */
const Z = 1.959964;

/**
 * How many standard errors a 95 % confidence interval reaches to each side.
 * @param freedom degrees of freedom, at least 1; a fraction counts as the whole number below it
 */
export function studentT(freedom: number): number {
  const whole = Math.max(1, Math.floor(freedom));
  // Cornish and Fisher's expansion (Abramowitz and Stegun, 26.7.5): from 11 degrees on, within 0.0005.
  return (
    QUANTILES[whole - 1] ??
    Z +
      (Z ** 3 + Z) / (4 * whole) +
      (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * whole ** 2) +
      (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * whole ** 3)
  );
}
