import { formatUsd } from '../types/money.ts';
import { setBill } from './billing.ts';
import { ACCOUNT } from './local-aws.ts';
import { type Step, seconds } from './play-acts.ts';
import { SHARED_RULES } from './play-bill.ts';
import { reconcile, writeReport } from './written-report.ts';

/** The bill, as Cost Explorer answers the report, is the one that the ledger was told of. */
export const REPORT_STEP: Step = {
  title: 'The report of the month',
  run: async (play, say) => {
    const { stage, bill } = play;
    await setBill(stage.aws.endpoints['cost-explorer'] ?? '', bill, SHARED_RULES, { account: ACCOUNT });
    const begun = Date.now();
    const report = await writeReport(stage);
    const took = seconds(Date.now() - begun);
    const billed = await reconcile(report, bill, stage);
    play.report = report;
    say(
      `written and opened within ${took}; page, CSV, JSON, ledger and bill all come to ${formatUsd(billed)}`,
    );
  },
};
