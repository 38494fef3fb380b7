import fc from 'fast-check';
import {
  type Alert,
  type AlertAnswer,
  type AlertItem,
  AlertLinkSchema,
  AlertOfferSchema,
} from '../../lib/types/alert.ts';
import { ACCOUNT, AT } from './fixtures.ts';

/** Text as bad as tags and error messages can be: any unit, emoji, entities, markup, long runs of them. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom('&', '<!channel>', '👩‍👩‍👧‍👦', '"\\', '\n', '\u0001', '\uD800', '€', '`*_', 'word '),
      fc.integer({ min: 1, max: 5_000 }),
    )
    .map(([piece, times]) => piece.repeat(times)),
);

const optional = fc.option(hostileText, { nil: undefined });

export const hostileItem: fc.Arbitrary<AlertItem> = fc.record({
  arn: hostileText,
  id: hostileText,
  kind: hostileText,
  region: hostileText,
  size: hostileText,
  owner: optional,
  hourly: fc.option(fc.constantFrom('1.006', '0', '37.688', 'much'), { nil: undefined }),
  requested: fc.constantFrom('stop', 'warn', 'notify', 'hold', 'restore', 'keep', 'tag'),
  status: fc.constantFrom('taken', 'skipped', 'failed', 'none'),
  code: optional,
  detail: optional,
  reason: hostileText,
  rule: hostileText,
  stopAt: fc.option(fc.constant(AT.toISOString()), { nil: undefined }),
  restorable: fc.option(fc.constant(false as const), { nil: undefined }),
});

export const hostileAlert: fc.Arbitrary<Alert> = fc.record({
  version: fc.constant(1 as const),
  id: hostileText.map((text) => `batch/${text}`),
  at: fc.constant(AT.toISOString()),
  severity: fc.constantFrom('info', 'warning', 'critical'),
  kind: fc.constantFrom('idle', 'budget', 'freeze', 'hold', 'alarm', 'weekly', 'canary'),
  account: fc.constant(ACCOUNT),
  project: optional,
  owner: optional,
  slack: optional,
  title: hostileText,
  reason: hostileText,
  lines: fc.option(fc.array(hostileText, { maxLength: 60 }), { nil: undefined }),
  link: fc.option(
    fc.record({
      title: hostileText.map((text) => `The report of ${text}`),
      url: fc
        .webUrl({ validSchemes: ['https'] })
        .filter((url) => AlertLinkSchema.shape.url.safeParse(url).success),
    }),
    { nil: undefined },
  ),
  next: hostileText,
  items: fc.array(hostileItem, { maxLength: 30 }),
  offers: fc.option(fc.uniqueArray(fc.constantFrom(...AlertOfferSchema.options)), { nil: undefined }),
  heldAt: fc.option(fc.constant(AT.toISOString()), { nil: undefined }),
  tomorrow: fc.option(fc.constant('2026-11-26T09:00:00.000Z'), { nil: undefined }),
});

export const hostileAnswer: fc.Arbitrary<AlertAnswer> = fc.record({
  id: hostileText,
  at: fc.constant(AT.toISOString()),
  by: hostileText,
  text: hostileText,
  approval: fc.option(
    fc.record({
      item: fc.option(fc.nat(40), { nil: undefined }),
      offer: fc.constantFrom(...AlertOfferSchema.options),
      asker: hostileText,
    }),
    { nil: undefined },
  ),
});
