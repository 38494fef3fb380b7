import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

export interface LoopbackRequest {
  readonly method: string;
  readonly path: string;
  /** By lower-case name; of a header that came several times, the values joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoopbackAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoopbackServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** A small HTTP server on a free loopback port. What `answer` throws becomes a 400 with its message. */
export async function serveLoopback(
  answer: (request: LoopbackRequest) => Promise<LoopbackAnswer>,
): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    bodyOf(request)
      .then((body) =>
        answer({
          method: request.method ?? 'GET',
          path: request.url ?? '/',
          headers: headersOf(request),
          body,
        }),
      )
      .catch((error: unknown) => ({ status: 400, headers: {}, body: String(error) }))
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No loopback port could be had.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const headersOf = ({ headers }: IncomingMessage): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}
