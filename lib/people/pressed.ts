import * as z from 'zod';
import { type Press, PressSchema } from '../alerts/press.ts';
import { parseJsonDocument } from '../signals/json.ts';
import { type Interaction, PlaceSchema, SlackUserSchema } from '../signals/slack-interaction.ts';

/** The window that asks for a reason, and the field in it. */
export const REASON_WINDOW = 'bursar-reason';
export const REASON_FIELD = 'reason';
const REASON_MAX = 500;

/** What the window carries from its opening to its sending. Slack allows 3,000 characters. */
const WindowSchema = z.object({ press: PressSchema, place: PlaceSchema });
type Window = z.infer<typeof WindowSchema>;

export const encodeWindow = (window: Window): string => JSON.stringify(window);

/** What travels on the requests queue: a button was pressed and its window, if any, sent. */
export const PressedSchema = z.object({
  version: z.literal(1),
  press: PressSchema,
  by: SlackUserSchema,
  place: PlaceSchema,
  reason: z.string().max(REASON_MAX).optional(),
  /** When: terms such as two hours count from then, however late the message is read. */
  at: z.iso.datetime(),
});
export type Pressed = z.infer<typeof PressedSchema>;

/**
 * What was pressed. `ask`: true where a reason is to be asked for before it is done. `undefined` = it is none of
 * ours, such as a button that opens a link.
 */
export function pressedOf(
  interaction: Extract<Interaction, { type: 'button' | 'window' }>,
  at: Date,
): { readonly pressed: Pressed; readonly ask: boolean } | undefined {
  const { by } = interaction;
  if (interaction.type === 'button') {
    const press = readJson(PressSchema, interaction.value);
    if (press === undefined) return undefined;
    const pressed: Pressed = { version: 1, press, by, place: interaction.place, at: at.toISOString() };
    return { pressed, ask: asksForReason(press) };
  }
  const window =
    interaction.name === REASON_WINDOW ? readJson(WindowSchema, interaction.metadata) : undefined;
  if (window === undefined) return undefined;
  const reason = interaction.fields.get(REASON_FIELD)?.slice(0, REASON_MAX);
  const pressed: Pressed = { version: 1, ...window, by, at: at.toISOString() };
  return { pressed: reason === undefined ? pressed : { ...pressed, reason }, ask: false };
}

/** What costs a night, a budget or somebody's work is worth a sentence. Who approves it has read the asker's. */
const asksForReason = ({ offer, asker }: Press): boolean =>
  (offer === 'keep-tomorrow' || offer === 'stop' || offer === 'unfreeze') && asker === undefined;

function readJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  const document = parseJsonDocument(text);
  const parsed = schema.safeParse(document.json ? document.value : undefined);
  return parsed.success ? parsed.data : undefined;
}
