import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import { toCent } from '../report/cents.ts';
import { type ReportJson, ReportJsonSchema } from '../report/json.ts';
import { ledgerTotal } from '../report/read-allocation.ts';
import { formatUsd, parseUsd, sumUsd, type Usd } from '../types/money.ts';
import { type BilledAmount, spendOf } from './billing.ts';
import { ACCOUNT } from './local-aws.ts';
import type { Stage } from './stage.ts';

/** A report that the deployed Lambda wrote, as people get it. */
export interface WrittenReport {
  /** Its files without their endings: `bursar-2026-11`. */
  readonly name: string;
  /** What the link of the weekly alert leads to. */
  readonly html: string;
  readonly csv: string;
  /** The CSV of its days. */
  readonly days: string;
  /** The text of the file. */
  readonly json: string;
  /** The same. */
  readonly told: ReportJson;
}

/**
 * Has the deployed Lambda write the reports that are due, and opens the one that people are sent a link to: the page by
 * its link, CSVs and JSON from the bucket.
 * @throws Error where the link does not lead to it
 */
export async function writeReport(stage: Stage): Promise<WrittenReport> {
  await stage.report();
  const newest = await stage.ledger.newestReport(stage.now());
  if (newest?.link === undefined) throw new Error('The ledger knows no report with a link.');
  const html = await openedBy(stage, newest.link.url);
  const s3 = new S3Client({ forcePathStyle: true });
  const read = async (Key: string): Promise<string> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: stage.outputs.ReportsBucketName, Key }));
    return (await Body?.transformToString()) ?? '';
  };
  const { keys } = newest;
  const csv = await read(keys.csv);
  const days = await read(keys.csv.replace(/\.csv$/, '-days.csv'));
  const json = await read(keys.json);
  s3.destroy();
  const name = keys.html.replace(/^.*\/|\.html$/g, '');
  return { name, html, csv, days, json, told: ReportJsonSchema.parse(JSON.parse(json)) };
}

/** The page that a link leads to. @throws Error where it leads to none */
export async function openedBy(stage: Pick<Stage, 'open'>, link: string): Promise<string> {
  const led = await stage.open(link);
  if (led.status !== 302) throw new Error(`The link of the report was answered with HTTP ${led.status}.`);
  const page = await fetch(led.headers.get('location') ?? '');
  if (page.status !== 200) throw new Error(`The page of the report was answered with HTTP ${page.status}.`);
  return page.text();
}

/**
 * Holds a report against the bill that Cost Explorer was given: page, CSV and JSON, each by itself, and the ledger.
 * @returns what all of them say was billed, to the micro-dollar
 * @throws Error that names what does not agree
 */
export async function reconcile(
  { html, csv, days, told }: Pick<WrittenReport, 'html' | 'csv' | 'days' | 'told'>,
  bill: readonly BilledAmount[],
  { ledger }: Pick<Stage, 'ledger'>,
): Promise<Usd> {
  const { allocation } = told;
  if (allocation === null) throw new Error(`The report has no allocation: ${told.notes.join(' ')}`);
  const billed = spendOf(bill);
  const cents = toCent(billed);
  const { from, to, rows, reconciliation } = allocation;
  const known = ledgerTotal(await ledger.spendDays(ACCOUNT, from, to), { from, to });
  const same = (what: string, amount: Usd | undefined, wanted: Usd): void => {
    if (amount === wanted) return;
    const says = amount === undefined ? 'nothing' : formatUsd(amount);
    throw new Error(`${what} says ${says}, and the bill ${formatUsd(wanted)}.`);
  };
  same('The allocation', usd(allocation.total), billed);
  same('The ledger', known, billed);
  same('What the report knows of the ledger', usd(reconciliation.ledger ?? ''), billed);
  same('The total of Cost Explorer', toCent(usd(reconciliation.spend ?? '')), cents);
  same('The difference', toCent(usd(reconciliation.difference ?? '')), usd('0'));
  same('The rows of the JSON', sumUsd(rows.map((row) => usd(row.usd))), cents);
  same('The CSV', sumUsd(amountsOf(csv, 'usd')), cents);
  same('The CSV of the days', sumUsd(amountsOf(days, 'billed_usd')), cents);
  same('What is shown as billed', usd(told.total.shown.billed), cents);
  const section = /id="allocation"[\s\S]*?<\/section>/.exec(html)?.[0] ?? '';
  const shown = [
    cents,
    ...[...Map.groupBy(rows, ({ part, project }) => project ?? part).values()].map((some) =>
      sumUsd(some.map((row) => usd(row.usd))),
    ),
  ];
  for (const amount of shown) {
    if (!section.includes(formatUsd(amount))) {
      throw new Error(`The page does not show ${formatUsd(amount)} where it tells who pays what.`);
    }
  }
  return billed;
}

function usd(text: string): Usd {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error(`The report has "${text}" where an amount should be.`);
  return amount;
}

function amountsOf(csv: string, name: string): readonly Usd[] {
  const [head = [], ...rows]: readonly (readonly string[])[] = parse(csv, { bom: true });
  const column = head.indexOf(name);
  return rows.map((row) => usd(row[column] ?? ''));
}
