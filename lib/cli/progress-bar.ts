import { type Io, UsageError } from './io.ts';

/** What takes no longer than this shows nothing. */
const QUIET_MS = 2_000;
const CELLS = 24;
const SHOW_CURSOR = '\u001b[?25h';
/** What a shell says of a program that Ctrl-C ended: 128 and the number of the signal. */
const INTERRUPTED = 130;

/** How far the work is, from 0 to 1, told by whoever does it. */
export type TellShare = (share: number) => void;

/**
 * Does the work; where it takes over two seconds, and on a terminal, one line on stderr shows how far it is and how long
 * it will still take, and goes away at the end. Ctrl-C aborts `signal`, so that the work can leave what it has done in
 * order; a second one ends the program at once. The bar moves, and Ctrl-C is heard, only where the work awaits something
 * of the world: one that computes for long must let the event loop turn now and then.
 * @param title what is being done: `Reading metrics`
 * @param stopped what is said where Ctrl-C stopped it
 * @throws UsageError `stopped` where the work failed after Ctrl-C, else what the work throws
 */
export async function withBar<T>(
  io: Pick<Io, 'lively' | 'now'>,
  title: string,
  work: (tell: TellShare, signal: AbortSignal) => Promise<T>,
  stopped = 'Stopped by Ctrl-C.',
): Promise<T> {
  const interrupted = new AbortController();
  const onInterrupt = () => {
    if (interrupted.signal.aborted) {
      if (io.lively) process.stderr.write(SHOW_CURSOR);
      process.exit(INTERRUPTED);
    }
    interrupted.abort(new UsageError(stopped));
  };
  const bar = io.lively ? barOf(title, io) : undefined;
  process.on('SIGINT', onInterrupt);
  try {
    return await work(bar?.tell ?? (() => {}), interrupted.signal);
  } catch (error) {
    throw interrupted.signal.aborted ? new UsageError(stopped, { cause: error }) : error;
  } finally {
    process.off('SIGINT', onInterrupt);
    await bar?.end();
  }
}

/** The line of the bar: `Reading metrics ██████░░░░ 25%, 3 min left`. */
export function barLine(title: string, share: number, elapsedMs: number): string {
  const known = Math.min(1, Math.max(0, share));
  const filled = Math.round(known * CELLS);
  const bar = '█'.repeat(filled) + '░'.repeat(CELLS - filled);
  // Of the first hundredth nothing can be told of the rest.
  const left = known < 0.01 ? '' : `, ${timeText((elapsedMs / known) * (1 - known))} left`;
  return `${title} ${bar} ${Math.floor(known * 100)}%${left}`;
}

function timeText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function barOf(title: string, { now }: Pick<Io, 'now'>) {
  const began = now().getTime();
  let share = 0;
  let retitle: (() => void) | undefined;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const line = () => barLine(title, share, now().getTime() - began);
  let shown: Promise<void> | undefined;
  const timer = setTimeout(() => {
    shown = show();
  }, QUIET_MS);

  async function show(): Promise<void> {
    const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
    const list = new Listr(
      [
        {
          title: line(),
          task: (_context, task) => {
            retitle = () => {
              task.title = line();
            };
            return finished;
          },
        },
      ],
      {
        renderer: 'default',
        // Its own listener would end the program at the first Ctrl-C.
        registerSignalListeners: false,
        rendererOptions: {
          clearOutput: true,
          logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
        },
      },
    );
    await list.run();
  }

  return {
    tell: (told: number) => {
      share = told;
      retitle?.();
    },
    end: async (): Promise<void> => {
      clearTimeout(timer);
      finish();
      await shown;
    },
  };
}
