/**
 * Why an alert did not reach Slack. `busy`: Slack or its queue asks to wait longer than there is time;
 * `unavailable`: Slack failed or did not answer; `in-flight`: another worker is sending it; `refused`: Slack
 * rejects the webhook or the message; `misconfigured`: the secret holds no usable webhook.
 */
export type SlackFailure = 'busy' | 'unavailable' | 'in-flight' | 'refused' | 'misconfigured';

/** An alert was not sent. Its message never holds a webhook URL, which is a secret. */
export class SlackSendError extends Error {
  override readonly name = 'SlackSendError';
  readonly failure: SlackFailure;
  /** Of the last answer; absent where none came. */
  readonly status: number | undefined;

  constructor(failure: SlackFailure, message: string, options: { cause?: unknown; status?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = failure;
    this.status = options.status;
  }

  /** True where sending the same alert later can succeed without anyone's help. */
  get retry(): boolean {
    return this.failure === 'busy' || this.failure === 'unavailable' || this.failure === 'in-flight';
  }
}
