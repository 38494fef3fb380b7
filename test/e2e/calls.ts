import { forward } from '../../lib/sandbox/forward.ts';
import type { LocalAws } from '../../lib/sandbox/local-aws.ts';
import { type LoopbackRequest, serveLoopback } from '../../lib/sandbox/loopback.ts';

/** A wire to the local AWS that writes down what is asked of it, as CloudTrail would, data events among it. */
export interface Wire {
  /** Environment that leads whoever has it over the wire. */
  readonly env: Readonly<Record<string, string>>;
  /** What was asked, by service and operation: `ec2:DescribeInstances`; in the order in which it first was. */
  readonly calls: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/** Puts a wire before every endpoint of the local AWS. */
export async function wireTo({ env }: Pick<LocalAws, 'env'>): Promise<Wire> {
  const calls = new Set<string>();
  const endpoints = Object.entries(env).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL'));
  const servers = await Promise.all(
    endpoints.map(async ([name, origin]) => {
      const server = await serveLoopback(async (request) => {
        calls.add(nameOf(request));
        return forward(request, origin);
      });
      return { name, server };
    }),
  );
  return {
    env: Object.fromEntries(servers.map(({ name, server }) => [name, server.url])),
    calls: () => [...calls],
    stop: async () => {
      await Promise.all(servers.map(({ server }) => server.stop()));
    },
  };
}

/** The prefix of IAM where a service signs by another name. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', tagging: 'tag' };

/** The service is in the signature; the operation in a header, or in a form. What has neither is named by its path. */
function nameOf({ method, path, headers, body }: LoopbackRequest): string {
  const [, signed = 'unsigned'] =
    /Credential=[^,]*\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  const operation =
    headers['x-amz-target']?.split('.').at(-1) ??
    new URLSearchParams(body).get('Action') ??
    `${method} ${path}`;
  return `${PREFIXES[signed] ?? signed}:${operation}`;
}
