/**
 * Why an alert did not reach Slack. `busy`: Slack or its queue asks to wait longer than there is time;
 * `unavailable`: Slack failed or did not answer; `in-flight`: another worker is sending it; `refused`: Slack
 * rejects the webhook, the token or the message; `misconfigured`: the secret holds nothing that can be used.
 */
export type SlackFailure = 'busy' | 'unavailable' | 'in-flight' | 'refused' | 'misconfigured';

/** Slack was not told. The message never holds a webhook URL or a token, which are secrets. */
export class SlackSendError extends Error {
  override readonly name = 'SlackSendError';
  readonly failure: SlackFailure;
  /** Of the last answer; absent where none came. */
  readonly status: number | undefined;
  /** Slack's own word for it, such as `channel_not_found`; absent where it said none. */
  readonly code: string | undefined;

  constructor(
    failure: SlackFailure,
    message: string,
    options: { cause?: unknown; status?: number; code?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = failure;
    this.status = options.status;
    this.code = options.code;
  }

  /** True where sending the same alert later can succeed without anyone's help. */
  get retry(): boolean {
    return this.failure === 'busy' || this.failure === 'unavailable' || this.failure === 'in-flight';
  }
}
