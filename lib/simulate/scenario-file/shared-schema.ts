import * as z from 'zod';
import { written } from '../../policy/fields.ts';
import { FORMS, toUsd } from '../../policy/forms.ts';
import { kindOf, wrong } from '../../policy/words.ts';
import { parseUsd, type Usd } from '../../types/money.ts';

/*
 * Fields that several parts of a scenario have.
 */

export const TYPE_FORM = /^(?:ml\.|db\.)?[a-z][a-z0-9-]*\.[a-z0-9-]+$/;
export const TYPE_MEND = 'Write it such as m5.xlarge, ml.g5.xlarge or db.m5.large.';

export const instanceType = (name: string) => written(name, TYPE_FORM, 'an instance type', TYPE_MEND);

const tagMessage = ({ input }: { readonly input?: unknown }): string =>
  typeof input === 'number' || typeof input === 'boolean'
    ? `A tag's value is text, not ${kindOf(input)}. Put quotes around it.`
    : `A tag's value is text, not ${kindOf(input)}. Write a value such as nlp.`;

export const tags = z
  .record(
    z.string().regex(/^.{1,128}$/u, { error: 'A tag key has 1 to 128 characters. Write the key of a tag.' }),
    z.string({ error: tagMessage }).max(256, { error: 'A tag’s value has up to 256 characters.' }),
    { error: wrong('tags', 'a mapping', 'Write { project: nlp, environment: dev }.') },
  )
  .meta({
    description: 'Tag key → value.',
    examples: [{ project: 'nlp', environment: 'dev' }],
  });

/** US dollars, as fine as AWS prices are: six decimals. */
const PRICE_FORM = /^\d{1,9}(?:\.\d{1,6})? USD$/;

/** How to write a price that was written in another way: `$37.688` → `37.688 USD`. */
function priceMend(input: unknown): string {
  const said = typeof input === 'string' || typeof input === 'number' ? String(input).trim() : '';
  const [, digits] = /^(?:usd|us\$|\$)?\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:usd|us\$|\$)?$/i.exec(said) ?? [];
  return digits === undefined ? 'Write US dollars, such as 37.688 USD.' : `Write ${digits} USD.`;
}

export const price = (name: string) =>
  written(name, PRICE_FORM, 'an amount', priceMend).transform((said): Usd => toUsd(said));

/** US dollars from 0 on, to the cent. */
export const usd = (name: string) =>
  written(name, SIGNED_MONEY, 'an amount', priceMend).transform(
    (said): Usd => parseUsd(said.replace(' USD', '')) ?? toUsd(said),
  );

/** Savings may be below zero. */
const SIGNED_MONEY = new RegExp(FORMS.money.source.replace('^', '^-?'));

export const committed = usd('committed').meta({
  description: 'What the month costs without it.',
  examples: ['3900 USD'],
});
