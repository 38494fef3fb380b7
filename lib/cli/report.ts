import { Command } from 'commander';
import { type BillOptions, billParts, billSource, withBillOptions } from './bill-options.ts';
import { EXIT, type Io } from './io.ts';
import { monthOption } from './month-option.ts';
import type { ReportParts } from './report-run.ts';
import type { MakeCommand } from './run.ts';

interface Options extends BillOptions {
  readonly project?: string;
  readonly out: string;
}

const HELP = `
It writes a page that needs nothing beside itself, and the same figures as CSV (who
pays what, and each day by project) and JSON. The page shows spend against budget
with a forecast, each day by project, what changed, how shared costs were split, what
runs now, what Bursar stopped and saved, unusual days, tag coverage and what Bursar
itself costs. With --project it is about that one, but for the allocation, which is
that of the whole account.

With --json the JSON is printed, and the files are written only where --out says.

It reads the account by your own AWS credentials and changes nothing. The Lambda of
the deployed Bursar writes the same report each Monday, and the weekly alert links
to it.

Examples:
  $ bursar report
  $ bursar report --month 2026-10 --out reports
  $ bursar report --project fraud-detection
  $ bursar report --bill ledger                    without any request to Cost Explorer
  $ bursar report --json | jq .total

Exit codes:
  0  the report is written
  2  it could not be made: mistakes in the policy, no credentials, no access`;

/** The command over these parts, which are asked for once it runs. */
export const reportBy =
  (parts: () => Promise<ReportParts>): MakeCommand =>
  (io, done) => {
    const command = withBillOptions(
      new Command('report').description('the report of a month: a page, CSV and JSON'),
    )
      .option('--project <name>', 'this project alone')
      .option('--out <folder>', 'where the files are written', '.')
      .addHelpText('after', HELP);
    return command.action(async (options: Options) => {
      const isNamed = (option: 'stack' | 'out'): boolean =>
        command.getOptionValueSource(option) !== 'default';
      await report(options, isNamed, io, parts);
      done(EXIT.ok);
    });
  };

/** `bursar report`: the report of a month. */
export const reportCommand: MakeCommand = reportBy(billParts);

async function report(
  { policy: policyFile, stack, region, profile, month, bill, project, out, json }: Options,
  isNamed: (option: 'stack' | 'out') => boolean,
  io: Io,
  parts: () => Promise<ReportParts>,
): Promise<void> {
  const wanted = monthOption(month, io.now());
  const source = billSource(bill);
  const [{ loadPolicy }, { runReport, reportFiles }] = await Promise.all([
    import('./load-policy.ts'),
    import('./report-run.ts'),
  ]);
  const policy = await loadPolicy(policyFile);
  const made = await runReport(
    {
      policy,
      policyFile,
      source,
      dimensions: [],
      month: wanted,
      project,
      stack,
      isStackNamed: isNamed('stack'),
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
    },
    io,
    await parts(),
  );
  if (json === true) {
    const { reportJson } = await import('../report/json.ts');
    if (isNamed('out')) await reportFiles(made, out);
    io.out(JSON.stringify(reportJson(made), null, 2));
    return;
  }
  const files = await reportFiles(made, out);
  const { reportLines } = await import('./report-lines.ts');
  for (const line of reportLines(made, files, io)) io.out(line);
}
