import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { Approval } from './ledger.ts';

/** As much of the packed text as one item takes: an item has at most 400 KB. Characters of base64, a byte each. */
const PART_CHARACTERS = 300_000;

const ListsSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

/**
 * The lists of an approval, packed and cut into texts for one item each. 10,000 ARNs are some 200 KB when packed, and so
 * one part.
 */
export function approvalParts(lists: Approval['lists']): readonly string[] {
  const json = JSON.stringify([...lists].map(([name, arns]) => [name, [...arns].sort()]));
  const text = gzipSync(json).toString('base64');
  const parts = [];
  for (let from = 0; from < text.length; from += PART_CHARACTERS) {
    parts.push(text.slice(from, from + PART_CHARACTERS));
  }
  return parts;
}

/** Reads what `approvalParts` wrote, in its order. @throws where it is something else, or not all of it. */
export function readApprovalParts(parts: readonly string[]): Approval['lists'] {
  const json = gunzipSync(Buffer.from(parts.join(''), 'base64')).toString('utf8');
  return new Map(ListsSchema.parse(JSON.parse(json)).map(([name, arns]) => [name, new Set(arns)]));
}
