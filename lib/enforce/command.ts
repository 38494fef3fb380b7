import * as z from 'zod';
import type { Decision } from '../types/decision.ts';
import { decodeDecision, encodeDecision } from '../types/wire.ts';

/** What travels on the commands queue: decisions of one project that are carried out and told together. */
export interface CommandBatch {
  /** The same for every repeat of the message. */
  readonly id: string;
  readonly issuedAt: Date;
  readonly decisions: readonly Decision[];
}

const CommandBatchSchema = z.object({
  version: z.literal(1),
  id: z.string().min(1),
  issuedAt: z.iso.datetime(),
  decisions: z.array(z.unknown()).min(1),
});

export function encodeCommandBatch({ id, issuedAt, decisions }: CommandBatch): string {
  return JSON.stringify({
    version: 1,
    id,
    issuedAt: issuedAt.toISOString(),
    decisions: decisions.map(encodeDecision),
  });
}

/** @throws `SyntaxError`, `ZodError` or `WireError` where the text is no batch of this version. */
export function decodeCommandBatch(body: string): CommandBatch {
  const { id, issuedAt, decisions } = CommandBatchSchema.parse(JSON.parse(body));
  return { id, issuedAt: new Date(issuedAt), decisions: decisions.map(decodeDecision) };
}

/** So many that one alert stays readable and one Lambda has time for them. */
const DECISIONS_PER_BATCH = 25;
/** SQS takes 256 KiB a message; the rest is room for the frame. */
const BYTES_PER_BATCH = 200_000;

/** One batch a project, cut where it grows too long for a message. */
export function toBatches(
  decisions: readonly Decision[],
  id: string,
  issuedAt: Date,
): readonly CommandBatch[] {
  const projects = Map.groupBy(decisions, ({ project }) => project ?? '');
  return [...projects].flatMap(([project, some]) =>
    cut(some).map((piece, index) => ({ id: `${id}/${project}/${index + 1}`, issuedAt, decisions: piece })),
  );
}

function cut(decisions: readonly Decision[]): readonly Decision[][] {
  const pieces: Decision[][] = [];
  let bytes = 0;
  for (const decision of decisions) {
    const size = Buffer.byteLength(JSON.stringify(encodeDecision(decision)));
    const last = pieces.at(-1);
    if (last === undefined || last.length === DECISIONS_PER_BATCH || bytes + size > BYTES_PER_BATCH) {
      pieces.push([decision]);
      bytes = size;
    } else {
      last.push(decision);
      bytes += size;
    }
  }
  return pieces;
}
