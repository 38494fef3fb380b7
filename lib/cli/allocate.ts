import { Command } from 'commander';
import { matchTagKey } from '../policy/policy.ts';
import { toCent } from '../report/cents.ts';
import type { Allocated, AllocateParts } from './allocate-run.ts';
import { type BillOptions, billParts, billSource, dimensionsOf, withBillOptions } from './bill-options.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { monthOption } from './month-option.ts';
import type { MakeCommand } from './run.ts';

interface Options extends BillOptions {
  readonly by?: readonly string[];
  readonly csv?: string;
  readonly focus?: string;
  readonly account?: string;
}

const HELP = `
Every cost of the bill goes to a project, by its tag or by the rules under
allocation in the policy file; what no rule places is shown as unowned. The parts
sum to the whole, and the whole is held against the bill's own total.

Costs are amortized, in US dollars, without credits and refunds, which are shown
beside it. Cost Explorer takes $0.01 a request: one for the totals, and for each
rule and the rest one, and one more for each --by.

Examples:
  $ bursar allocate
  $ bursar allocate --month 2026-10 --by environment model
  $ bursar allocate --by "category:Cost center" --json
  $ bursar allocate --bill exports/2026-10/*.parquet --focus allocated.csv
  $ bursar allocate --bill s3://billing/exports/bursar --csv allocation.csv

Exit codes:
  0  allocated, and the parts sum to what was billed, to the cent
  1  there is a difference to the bill's own total
  2  it could not be run: mistakes in the policy, no credentials, no bill`;

/** The command over these parts, which are asked for once it runs. */
export const allocateBy =
  (parts: () => Promise<AllocateParts>): MakeCommand =>
  (io, done) => {
    const command = withBillOptions(
      new Command('allocate').description(
        'who pays what of the bill: every cost by project, shared costs split',
      ),
    )
      .option('--by <dimension...>', 'by these too: tag keys, or "category:" and a cost category')
      .option('--csv <file>', 'write the allocation as CSV as well')
      .option('--focus <file>', 'write it in the FOCUS format as well, .csv, .csv.gz or .parquet')
      .option('--account <id>', 'the account that pays, for --focus (default: that of the credentials)')
      .addHelpText('after', HELP);
    return command.action(async (options: Options) => {
      checkFocus(options.focus);
      const allocated = await run(options, command.getOptionValueSource('stack') !== 'default', io, parts);
      await write(allocated, options, io);
      const { difference } = allocated.allocation.reconciliation;
      // Cost Explorer tells of parts and of the whole to ten digits: to the micro-dollar they differ by rounding.
      done(difference === undefined || toCent(difference) === 0n ? EXIT.ok : EXIT.no);
    });
  };

/** `bursar allocate`: who pays what of the bill. */
export const allocateCommand: MakeCommand = allocateBy(billParts);

/** Before the bill is read, which takes time and money. @throws UsageError */
function checkFocus(file: string | undefined): void {
  if (file === undefined || /\.(csv|csv\.gz|parquet)$/i.test(file)) return;
  throw new UsageError(
    `--focus ${file}: Such a file cannot be FOCUS. Name a .csv, .csv.gz or .parquet file.`,
  );
}

async function run(
  { policy: policyFile, stack, region, profile, month, bill, by = [] }: Options,
  isStackNamed: boolean,
  io: Io,
  parts: () => Promise<AllocateParts>,
): Promise<Allocated> {
  const wanted = monthOption(month, io.now());
  const source = billSource(bill);
  const [{ loadPolicy }, { runAllocate }] = await Promise.all([
    import('./load-policy.ts'),
    import('./allocate-run.ts'),
  ]);
  const policy = await loadPolicy(policyFile);
  return runAllocate(
    {
      policy,
      policyFile,
      source,
      dimensions: dimensionsOf(by, (name) => matchTagKey(policy.tags, name)),
      month: wanted,
      stack,
      isStackNamed,
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
    },
    io,
    await parts(),
  );
}

async function write(allocated: Allocated, { json, csv, focus, account }: Options, io: Io): Promise<void> {
  const { allocation, notes } = allocated;
  if (csv !== undefined) {
    const [{ allocationCsv }, { writeText }] = await Promise.all([
      import('../report/allocation-csv.ts'),
      import('./html-file.ts'),
    ]);
    await writeText('--csv', csv, allocationCsv(allocation));
  }
  if (focus !== undefined) {
    const { writeFocusFile } = await import('./focus-file.ts');
    await writeFocusFile(focus, { ...allocated, account: account ?? allocated.account });
  }
  if (json === true) {
    const { allocationJson } = await import('../report/allocation-json.ts');
    io.out(
      JSON.stringify({ ...allocationJson(allocation), notes: [...notes, ...allocation.notes] }, null, 2),
    );
    return;
  }
  const { allocateLines } = await import('./allocate-lines.ts');
  for (const line of allocateLines(allocation, notes, io)) io.out(line);
  for (const file of [csv, focus]) {
    if (file !== undefined) io.out(io.outColours.dim(`Written: ${file}`));
  }
}
