import * as z from 'zod';
import { forward } from './forward.ts';
import { type LoopbackServer, serveLoopback } from './loopback.ts';

const StoredSchema = z.record(
  z.string(),
  z.object({
    bytes: z.number().int().nonnegative(),
    /** When the group was made, epoch milliseconds; absent = as MiniStack says. */
    since: z.number().int().optional(),
  }),
);
export type StoredLogs = z.input<typeof StoredSchema>;

const STORED_PATH = '/_front/stored';

/** Tells the front at `url` what log groups store, by their names; what it was told before is forgotten. */
export async function setStoredLogs(url: string, stored: StoredLogs): Promise<void> {
  const { ok, status } = await fetch(`${url}${STORED_PATH}`, { method: 'PUT', body: JSON.stringify(stored) });
  if (!ok) throw new Error(`The CloudWatch Logs front answered ${status}.`);
}

const GroupsSchema = z.looseObject({ logGroups: z.array(z.looseObject({ logGroupName: z.string() })) });

/**
 * A CloudWatch Logs on loopback: forwards everything to MiniStack, whose groups store what was written to them and no
 * more. Of groups that it was told of by `setStoredLogs` it says what it was told.
 */
export function startLogsFront(ministack: string): Promise<LoopbackServer> {
  let stored = StoredSchema.parse({});
  return serveLoopback(async (request) => {
    if (request.path === STORED_PATH) {
      stored = StoredSchema.parse(JSON.parse(request.body));
      return { status: 204, body: '' };
    }
    const answer = await forward(request, ministack);
    const isList = request.headers['x-amz-target']?.endsWith('.DescribeLogGroups') === true;
    const read = isList ? GroupsSchema.safeParse(JSON.parse(answer.body)) : undefined;
    if (read?.success !== true) return answer;
    const logGroups = read.data.logGroups.map((group) => {
      const own = Object.hasOwn(stored, group.logGroupName) ? stored[group.logGroupName] : undefined;
      if (own === undefined) return group;
      return {
        ...group,
        storedBytes: own.bytes,
        ...(own.since === undefined ? {} : { creationTime: own.since }),
      };
    });
    return { ...answer, body: JSON.stringify({ ...read.data, logGroups }) };
  });
}
