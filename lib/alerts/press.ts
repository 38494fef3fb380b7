import * as z from 'zod';
import { AlertOfferSchema } from '../types/alert.ts';

/**
 * What a button of an alert says when it is pressed: which alert, which of its items (absent = all), what is
 * offered. `round` counts the answers that the message shows, so that a second press of the same button is a
 * repeat, and the button that the updated message shows is a new one. Slack allows 2,000 characters.
 *
 * Slack signs it, but anybody who holds a webhook of the app can post a button that says what they like. So it is
 * believed in nothing: what it names is read from the ledger and from AWS, and done only where whoever pressed it may.
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

const buttonId = ({ alert, item, offer, asker }: Omit<Press, 'round'>): string =>
  ['press', alert, item ?? 'all', offer, asker ?? ''].join('/');

/** The same for every repeat of one press. */
export const pressId = (press: Press): string => `${buttonId(press)}/${press.round}`;

/** True of the id of a press of that button, whatever the message showed. */
export const isPressOf = (button: Omit<Press, 'round'>, id: string): boolean =>
  id.slice(0, id.lastIndexOf('/')) === buttonId(button);
