// First of all: what follows counts on it.
import '../lib/cli/older-node.ts';
import { EXIT, processIo } from '../lib/cli/io.ts';
import { runCli } from '../lib/cli/run.ts';

// A reader that has seen enough (`bursar schema | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
try {
  process.exitCode = await runCli(process.argv.slice(2), processIo());
} catch (error) {
  const why = error instanceof Error ? error : new Error(String(error));
  const told = process.env.BURSAR_DEBUG === undefined ? why.message : (why.stack ?? why.message);
  console.error(`bursar: unexpected: ${told} (BURSAR_DEBUG=1 shows where)`);
  process.exitCode = EXIT.usage;
}
