import { backlogMetric } from '../fleet/sagemaker-backlog.ts';
import type { MemoryAccount } from '../simulate/account/account.ts';
import { seriesKey } from '../simulate/account/recorded.ts';
import { PackedSamples } from '../simulate/account/samples.ts';
import { adopt } from '../simulate/adopt.ts';
import type { Protection, Resource } from '../types/resource.ts';
import type { UseAsNow } from './as-now.ts';

/** How far back a close look at an endpoint goes. Milliseconds. */
const LOOK_MS = 600_000;

/** Puts a fleet with what its use shows into an account in memory. `found`: what a close look at each has shown, by ARN. */
export function copyFleet(
  memory: MemoryAccount,
  resources: readonly Resource[],
  found: ReadonlyMap<string, Protection>,
  { use, from, to }: { readonly use: UseAsNow; readonly from: Date; readonly to: Date },
): void {
  for (const [key, samples] of use.metrics) memory.recorded.set(key, samples);
  for (const resource of resources) {
    const protection = found.get(resource.arn);
    if (protection === undefined) {
      adopt(memory, resource);
      continue;
    }
    adopt(memory, { ...resource, protections: [...resource.protections, protection] }, true);
    if (resource.kind === 'sagemaker-endpoint') queueUp(memory, resource, protection, { from, to });
  }
}

/** A close look at an endpoint finds what waits in its queue, by a metric that is read for nothing else. */
function queueUp(
  memory: MemoryAccount,
  resource: Resource,
  { detail }: Protection,
  { from, to }: { readonly from: Date; readonly to: Date },
): void {
  const periodSeconds = 60;
  const { region } = resource;
  const waiting = new PackedSamples(periodSeconds * 1000);
  waiting.push(from.getTime() - LOOK_MS, Number(/^\d+/.exec(detail)?.[0] ?? 1));
  memory.recorded.set(
    seriesKey({ region, ...backlogMetric(resource), statistic: 'Maximum', periodSeconds }),
    waiting.goOnUntil(to.getTime()),
  );
}
