import * as z from 'zod';
import { type Usd, usdToDecimal } from '../types/money.ts';

/** Decimal USD, exact to the micro-dollar. */
export const usd = z.string().regex(/^-?\d+(\.\d{1,6})?$/);
/** Decimal USD in whole cents. */
export const cents = z.string().regex(/^-?\d+\.\d{2}$/);
export const time = z.iso.datetime();
export const day = z.iso.date();
/** `null` = none. */
export const project = z.string().nullable();

export const exact = usdToDecimal;
export const maybe = (amount: Usd | undefined): string | null =>
  amount === undefined ? null : exact(amount);
