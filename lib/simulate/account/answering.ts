/** A command of the AWS SDK. */
type CommandOf<I extends object> = new (input: I) => { readonly input: I };

type Answer = (sent: object) => object;

export interface Answers<C> {
  /** Answers to every request of a command; what the answer throws, the client throws. */
  on<I extends object>(command: CommandOf<I>, answer: (input: I) => object): Answers<C>;
  readonly client: C;
}

/**
 * A client of the AWS SDK that asks nobody. What has no answer here is answered `{}`. Other than mocks it remembers no
 * request: a thousand plays make a million of them.
 */
export function answering<C extends object>(client: C): Answers<C> {
  const answers = new Map<unknown, Answer>();
  const send = async (sent: object): Promise<object> => answers.get(sent.constructor)?.(sent) ?? {};
  const self: Answers<C> = {
    client: Object.assign(client, { send }),
    on: (command, answer) => {
      answers.set(command, (sent) => (sent instanceof command ? answer(sent.input) : {}));
      return self;
    },
  };
  return self;
}
