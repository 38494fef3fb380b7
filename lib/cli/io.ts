import pc from 'picocolors';

/** Where a command writes. Colours are real on a terminal, and nothing elsewhere. */
export interface Io {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly outColours: Colours;
  readonly errColours: Colours;
}

export type Colours = ReturnType<typeof pc.createColors>;

/** What a shell is told: fine; the answer is no (mistakes were found); the question could not be asked. */
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
  return {
    out: write(process.stdout),
    err: write(process.stderr),
    outColours: colours(process.stdout),
    errColours: colours(process.stderr),
  };
}
