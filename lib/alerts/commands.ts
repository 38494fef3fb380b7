import { projectHolder } from '../policy/levels.ts';
import type { Alert, AlertOffer } from '../types/alert.ts';
import { concerned, keepPrice, offerLabel } from './offers.ts';
import { frozenWord } from './whose.ts';

/** A word that a shell takes as it stands: a command is made to be pasted into one. */
const isPlain = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9:/_.+=@-]*$/.test(text);

/** Stands for a resource where there is more than one, or one whose ARN a shell would read otherwise. */
const ANY = 'ID';
const ANY_MEANS = `${ANY} stands for the id or the ARN of a resource.`;

/** `bursar restore recsys`; `undefined` where the name is no plain word. */
export const restoreCommand = (what: string): string | undefined =>
  isPlain(what) ? `bursar restore ${what}` : undefined;

/** Brings any one back, in a sentence. */
export const RESTORE_ANY = `\`bursar restore ${ANY}\` brings one back. ${ANY_MEANS}`;

/** `bursar unfreeze recsys`, `bursar unfreeze team:alpha`; `undefined` where the name is no plain word. */
export const unfreezeCommand = (holder: string): string | undefined =>
  isPlain(holder) ? `bursar unfreeze ${holder}` : undefined;

/** `bursar status --project recsys`; of everything where the name is no plain word. */
export const statusCommand = (project: string): string =>
  isPlain(project) ? `bursar status --project ${project}` : 'bursar status';

/** Releases what was held back at a time, ISO 8601. */
export const releaseCommand = (heldAt: string): string => `bursar release ${heldAt}`;

/**
 * How to answer an alert where there are no buttons, one sentence or command a line. What restores and what releases
 * stands in the alert's own text.
 *
 * Never by `npx`: outside a clone that would run whatever somebody publishes under our name.
 */
export function answerLines(alert: Alert): readonly string[] {
  return [...itemLines(alert), ...projectLines(alert)];
}

function projectLines(alert: Alert): readonly string[] {
  const { offers = [], project, holder } = alert;
  const who = holder ?? (project === undefined ? undefined : projectHolder(project));
  const command = who === undefined ? undefined : unfreezeCommand(who);
  return offers.includes('unfreeze') && command !== undefined
    ? [`To end the freeze of the ${frozenWord(alert)}: \`${command}\``]
    : [];
}

function itemLines(alert: Alert): readonly string[] {
  const offers = (alert.offers ?? []).filter((offer) => ARGUMENTS[offer] !== undefined);
  const items = concerned('stop', alert.items);
  const [first] = items;
  if (offers.length === 0 || first === undefined) return [];
  const arn = items.length === 1 && isPlain(first.arn) ? first.arn : ANY;
  const lines = offers.map(
    (offer) => `${label(offer, items.length === 1, alert)}: \`bursar ${ARGUMENTS[offer]?.(arn) ?? offer}\``,
  );
  return arn === ANY ? [ANY_MEANS, ...lines] : lines;
}

const ARGUMENTS: Readonly<Partial<Record<AlertOffer, (arn: string) => string>>> = {
  'keep-2h': (arn) => `keep ${arn} --for 2h`,
  'keep-tomorrow': (arn) => `keep ${arn} --until tomorrow`,
  stop: (arn) => `stop ${arn}`,
};

/** As the button of a single resource; the price of several is that of all. */
function label(offer: AlertOffer, one: boolean, alert: Alert): string {
  if (one) return offerLabel(offer, alert.items, alert);
  const items = concerned(offer, alert.items);
  const price = offer === 'keep-2h' || offer === 'keep-tomorrow' ? keepPrice(offer, items, alert) : undefined;
  return `${offerLabel(offer, [], alert)}${price === undefined ? '' : ` (${price} for all)`}`;
}
