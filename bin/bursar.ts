#!/usr/bin/env -S node --import tsx
import { processIo } from '../lib/cli/io.ts';
import { runCli } from '../lib/cli/run.ts';

// A reader that has seen enough (`bursar schema | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await runCli(process.argv.slice(2), processIo());
