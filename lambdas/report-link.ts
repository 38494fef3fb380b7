import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as z from 'zod';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Ledger } from '../lib/ledger/ledger.ts';
import { hashOfToken, tokenIn } from '../lib/report/link.ts';
import type { Clock } from '../lib/types/clock.ts';
import { type ReportLinkEnvironment, ReportLinkEnvironmentSchema } from '../lib/types/environment.ts';
import { clockOf, ledgerOf } from './basics.ts';
import { lambda, type Tools } from './lambda.ts';

export interface ReportLinkDeps {
  readonly ledger: Pick<Ledger, 'reportByToken'>;
  /** A URL by which an object can be read for the next minute. */
  readonly sign: (key: string) => Promise<string>;
  readonly now: Clock;
  readonly tools: Pick<Tools, 'logger'>;
}

/** What a Function URL answers. */
export interface LinkAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Of a Function URL's event, payload format 2.0. Source: AWS Lambda's guide, "Invoking function URLs". */
const EventSchema = z.looseObject({
  rawPath: z.string(),
  requestContext: z.looseObject({ http: z.looseObject({ method: z.string() }) }),
});

/**
 * Leads whoever follows the link of a weekly alert to the report, for as long as the link holds. Whatever else it is
 * asked costs one look at the ledger at most, by the hash of what came: whether a token is nearly right shows neither in
 * the answer nor in its time. Neither tokens nor signed URLs are logged.
 */
export async function openLink(event: unknown, deps: ReportLinkDeps): Promise<LinkAnswer> {
  const { ledger, sign, now, tools } = deps;
  const parsed = EventSchema.safeParse(event);
  if (!parsed.success) return page(404, UNKNOWN);
  const { method } = parsed.data.requestContext.http;
  if (method !== 'GET' && method !== 'HEAD') {
    return page(405, 'A link to a report can be opened, and nothing else.', { allow: 'GET, HEAD' });
  }
  const token = tokenIn(parsed.data.rawPath);
  const found = token === undefined ? undefined : await ledger.reportByToken(hashOfToken(token), now());
  if (found === undefined) return page(404, UNKNOWN);
  if (found.state === 'expired') return page(410, EXPIRED);
  const { month, keys } = found;
  tools.logger.info('a report is opened', { month, method });
  return { statusCode: 302, headers: { ...HEADERS, location: await sign(keys.html) }, body: '' };
}

const UNKNOWN = 'This is no link to a report. The newest one is in the weekly alert of Bursar.';
const EXPIRED =
  'This link has expired: it opens its report for 8 days. The newest one is in the weekly alert of Bursar.';

/** Nobody keeps, frames or lists what comes from here, or passes on where they come from. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow, noarchive',
} as const;

const page = (statusCode: number, text: string, more: Readonly<Record<string, string>> = {}): LinkAnswer => ({
  statusCode,
  headers: { ...HEADERS, ...more, 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Bursar</title>
<p>${text}</p>
</html>
`,
});

/** Long enough to follow it at once, and too short to be passed on. Seconds. */
const SIGNED_SECONDS = 60;

export const handler = lambda<ReportLinkEnvironment, ReportLinkDeps, LinkAnswer>({
  name: 'report-link',
  environment: ReportLinkEnvironmentSchema,
  build: async (environment, tools) => {
    const s3 = new S3Client({ ...PATIENCE });
    return {
      ledger: ledgerOf(environment, tools),
      sign: (Key) =>
        getSignedUrl(s3, new GetObjectCommand({ Bucket: environment.REPORTS_BUCKET, Key }), {
          expiresIn: SIGNED_SECONDS,
        }),
      now: clockOf(environment),
      tools,
    };
  },
  handle: openLink,
});
