import { createInterface } from 'node:readline/promises';
import pc from 'picocolors';
import type { Clock } from '../types/clock.ts';

/** What a command has of the world. Colours are real on a terminal, and nothing elsewhere. */
export interface Io {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly outColours: Colours;
  readonly errColours: Colours;
  /** Columns of the terminal that `out` goes to; `undefined` where it goes elsewhere: lines are then as long as they need be. */
  readonly width: number | undefined;
  /** True where what changes on its line may be shown on stderr. */
  readonly lively: boolean;
  /** Asks a question that is answered by yes or no; `undefined` where nobody is there to answer. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  readonly now: Clock;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export type Colours = ReturnType<typeof pc.createColors>;

/** What a shell is told: fine; the answer is no; the question could not be asked. */
export const EXIT = { ok: 0, no: 1, usage: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that the user can mend: shown as one line, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function processIo(): Io {
  const write = (stream: NodeJS.WriteStream) => (line: string) => {
    stream.write(`${line}\n`);
  };
  const colours = (stream: NodeJS.WriteStream): Colours =>
    pc.createColors(stream.isTTY === true && pc.isColorSupported);
  const { stdin, stdout, stderr } = process;
  return {
    out: write(stdout),
    err: write(stderr),
    outColours: colours(stdout),
    errColours: colours(stderr),
    width: stdout.isTTY === true ? stdout.columns : undefined,
    lively: stderr.isTTY === true,
    confirm: stdin.isTTY === true && stderr.isTTY === true ? askOnTerminal : undefined,
    now: clockOf(process.env.SANDBOX_CLOCK_AHEAD),
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        setTimeout(resolve, milliseconds);
      }),
  };
}

/** The machine's time, or as many seconds ahead of it as the Lambdas of the sandbox are. */
const clockOf = (ahead = '0'): Clock => {
  const milliseconds = /^\d+$/.test(ahead) ? Number(ahead) * 1000 : 0;
  return () => new Date(Date.now() + milliseconds);
};

/** Anything but `y` and `yes` means no, and so does the end of the input. */
async function askOnTerminal(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<string>((resolve) => {
      terminal.once('close', () => resolve(''));
    });
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/**
 * Asks the person at the terminal.
 * @throws UsageError where nobody is there, before anything else is done
 */
export function confirmer({ confirm }: Io): (question: string) => Promise<boolean> {
  if (confirm !== undefined) return confirm;
  throw new UsageError('Nobody is at a terminal to confirm it. Give --yes to go on without asking.');
}
