import type { LoopbackAnswer, LoopbackRequest } from './loopback.ts';

/** They belong to one connection, or are the body's as it was encoded for it. */
const HOP_BY_HOP = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'expect',
]);

const passedOn = (headers: Iterable<readonly [string, string]>): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => !HOP_BY_HOP.has(name)));

/** Asks `origin` (`http://127.0.0.1:<port>`) the same, with the same headers and body. */
export async function forward(
  { method, path, headers, body }: LoopbackRequest,
  origin: string,
): Promise<LoopbackAnswer> {
  const answer = await fetch(`${origin}${path}`, {
    method,
    headers: passedOn(Object.entries(headers)),
    ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
  });
  return { status: answer.status, headers: passedOn(answer.headers), body: await answer.text() };
}
