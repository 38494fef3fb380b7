import { type LoopbackServer, serveLoopback } from './loopback.ts';

export interface WebhookReceiver extends LoopbackServer {
  /** What was posted, parsed, oldest first. */
  readonly messages: () => readonly unknown[];
  /** The webhook's URL. */
  readonly webhook: string;
}

/** Stands in for Slack: keeps what an incoming webhook is sent and answers as Slack does. */
export async function startWebhookReceiver(
  onMessage: (message: unknown) => void = () => {},
): Promise<WebhookReceiver> {
  const messages: unknown[] = [];
  const server = await serveLoopback(async ({ body }) => {
    const message: unknown = JSON.parse(body);
    messages.push(message);
    onMessage(message);
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
  });
  return { ...server, webhook: `${server.url}/services/sandbox`, messages: () => messages };
}
