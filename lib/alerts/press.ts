import * as z from 'zod';
import { AlertOfferSchema } from '../types/alert.ts';

/**
 * What a button of an alert says when it is pressed: which alert, which of its items (absent = all), what is
 * offered. `round` counts the answers that the message shows, so that a second press of the same button is a
 * repeat, and the button that the updated message shows is a new one. Slack allows 2,000 characters.
 */
export const PressSchema = z.object({
  alert: z.string().min(1),
  item: z.number().int().nonnegative().optional(),
  offer: AlertOfferSchema,
  round: z.number().int().nonnegative(),
  /** Of an approval: the Slack id of the person who asked for it. */
  asker: z.string().optional(),
});
export type Press = z.infer<typeof PressSchema>;

/** The same for every repeat of one press. */
export const pressId = ({ alert, item, offer, round, asker }: Press): string =>
  ['press', alert, item ?? 'all', offer, round, asker ?? ''].join('/');
