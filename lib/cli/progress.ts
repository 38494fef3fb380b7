import type { Io } from './io.ts';

/** How far the work is, told by whoever does it. */
export type Tell = (done: number) => void;

/** Does the work; on a terminal one line on stderr shows how far it is, and goes away at the end. */
export async function withProgress(
  { lively }: Pick<Io, 'lively'>,
  title: (done: number) => string,
  work: (tell: Tell) => Promise<void>,
): Promise<void> {
  if (!lively) {
    await work(() => {});
    return;
  }
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const list = new Listr(
    [
      {
        title: title(0),
        task: (_context, task) =>
          work((done) => {
            task.title = title(done);
          }),
      },
    ],
    {
      renderer: 'default',
      rendererOptions: {
        clearOutput: true,
        logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
      },
    },
  );
  await list.run();
}
