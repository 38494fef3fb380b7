import type { RunResult } from './result.ts';
import type { RunOptions, World } from './world.ts';

/**
 * Plays a world; see `run`. The handlers bring a tracer along, which would follow every promise there is: it is told
 * not to before they are loaded.
 */
export async function runWorld(world: World, options: RunOptions = {}): Promise<RunResult> {
  process.env.AWS_XRAY_MANUAL_MODE ??= 'true';
  const { run } = await import('./run.ts');
  return run(world, options);
}
