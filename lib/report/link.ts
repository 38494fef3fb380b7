import { createHash, randomBytes } from 'node:crypto';

/*
 * The link to a report. A presigned URL of S3 dies with the credentials of the role that signed it, which are good for
 * hours (AWS re:Post, "Why is my presigned URL expiring before the expiration time that I specified"), and the weekly
 * alert is read for a week. So the link is one of our own: a random token, which the ledger knows by its hash alone, is
 * exchanged for a presigned URL of a minute whenever somebody follows it.
 */

/** How long a link opens its report, in milliseconds: until the next weekly alert has come, and a day more. */
export const LINK_MS = 8 * 86_400_000;

/** 256 bits: nobody guesses it. */
const TOKEN_BYTES = 32;

/** The path of a link: 43 characters are 32 bytes in base64url. */
const PATH = /^\/r\/([\w-]{43})$/;

export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** SHA-256, hexadecimal. A token is random, so that its plain hash tells nothing of it. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** @param base URL of the Lambda that opens links; it ends with a slash */
export const linkOf = (base: string, token: string): string => new URL(`r/${token}`, base).href;

/** The token in the path of a request; `undefined` = the path is that of no link. */
export const tokenIn = (path: string): string | undefined => PATH.exec(path)?.[1];
