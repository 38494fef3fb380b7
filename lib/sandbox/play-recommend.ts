import { join } from 'node:path';
import { createS3Client } from '../bill/clients.ts';
import { processIo } from '../cli/io.ts';
import { runCli } from '../cli/run.ts';
import { formatUsd, parseUsd, sumUsd, type Usd, ZERO_USD } from '../types/money.ts';
import { REGION, ROOT } from './local-aws.ts';
import type { Play, Say, Step } from './play-acts.ts';
import { allocateAddress, createBucket, createVolume, type Made } from './seed-storage.ts';
import type { Stage } from './stage.ts';

/** What costs more than it must, and what it must be found to save. */
export interface Waste {
  readonly check: string;
  readonly made: Made;
  /** USD a month. */
  readonly saves: Usd;
}

const TAGS = { project: 'ml-platform', environment: 'tools' };

const usd = (text: string): Usd => parseUsd(text) ?? ZERO_USD;

/** Brings on what could cost less and need not be old for that. Its dollars are worked by hand, from list prices. */
export async function enterWaste({ clients, now }: Stage): Promise<readonly Waste[]> {
  const s3 = createS3Client(REGION);
  const waste: readonly Waste[] = [
    {
      // 10,240 GiB × 50 % × ($0.023 - $0.0125) = $53.76, less $2.50 for a million objects
      check: 's3-tiering',
      made: await createBucket(s3, clients, {
        name: 'ml-platform-data',
        gib: 10_240,
        objects: 1_000_000,
        tags: TAGS,
        now: now(),
      }),
      saves: usd('51.26'),
    },
    {
      // 500 GiB × ($0.10 - $0.08) = $10.00, less 125 MiB/s × $0.04
      check: 'gp2-to-gp3',
      made: await createVolume(clients, { type: 'gp2', gib: 500, tags: TAGS }),
      saves: usd('5'),
    },
    // $0.005 × 730 h
    { check: 'unassociated-address', made: await allocateAddress(clients, TAGS), saves: usd('3.65') },
  ];
  s3.destroy();
  return waste;
}

/** Runs the command as people do, in this process. @returns what it printed @throws where it says anything else */
async function bursar(args: readonly string[], { stage }: Play): Promise<readonly string[]> {
  const lines: string[] = [];
  const io = { ...processIo(), out: (line: string) => void lines.push(line), now: stage.now, lively: false };
  const code = await runCli([...args, '--policy', join(ROOT, 'lib', 'sandbox', 'play.yaml')], io);
  if (code !== 0) throw new Error(`bursar ${args.join(' ')} ended with exit code ${code}.`);
  return lines.flatMap((text) => text.split('\n'));
}

/** Once the report is written, which must say the same. */
export const RECOMMEND_STEP: Step = {
  title: 'What bursar recommend says',
  run: async (play: Play, say: Say) => {
    const { waste, report } = play;
    const lines = await bursar(['recommend', '--brief'], play);
    play.recommended = lines;
    const all = formatUsd(sumUsd(waste.map(({ saves }) => saves)));
    const text = lines.join('\n');
    for (const wanted of [`${waste.length} recommendations, ${all} a month`, ...waste.map(lineOf)]) {
      if (!text.includes(wanted)) throw new Error(`It does not say “${wanted}”:\n${text}`);
    }
    const found = report?.told.recommendations?.open ?? [];
    const ids = (some: readonly string[]): string => some.toSorted().join('\n');
    if (ids(found.map(({ id }) => id)) !== ids(waste.map(({ check, made }) => `${check} ${made.arn}`))) {
      throw new Error(`The report recommends something else: ${found.map(({ id }) => id).join(', ')}`);
    }
    say(`${waste.length} ways to spend ${all} a month less, in the report as well; see below`);
  },
};

const lineOf = ({ saves }: Waste): string => formatUsd(saves);
