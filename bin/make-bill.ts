import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { withDuckDb } from '../lib/bill/duckdb.ts';
import { literal } from '../lib/bill/sql-dialect.ts';

/*
 * Makes a month of line items, the same for the same seed: projects, shared pools, what nobody tagged, support, tax,
 * credits, refunds, discounts, Savings Plans and reservations. The engine makes the files in SQL; `reckon` goes through
 * the same draws in TypeScript and adds up what each place should come to, by numbers alone, so that neither the SQL nor
 * the rules that read a bill are in it.
 */

export type MadeFormat = 'cur2' | 'focus';
export type MadeType = 'parquet' | 'csv.gz';

/** A prime a little over a million: products of two draws are exact in a double, so that SQL and TypeScript agree. */
const PRIME = 1_000_003;

/** Multipliers of each draw of a line. */
const DRAWS = {
  day: [7_919, 104_729],
  hour: [15_485, 86_028],
  service: [32_452, 49_979],
  project: [67_867, 86_941],
  kind: [95_261, 12_289],
  pool: [40_961, 65_537],
  cost: [78_643, 19_683],
  fine: [53_623, 57_731],
  environment: [29_573, 91_099],
  resource: [61_441, 22_079],
} as const satisfies Record<string, readonly [number, number]>;
type Draw = keyof typeof DRAWS;

export const MADE_MONTH = '2026-11';
const DAYS = 30;

export const PROJECTS = [
  ...['fraud-detection', 'recsys', 'search-ranking', 'speech', 'vision', 'forecasting', 'platform', 'churn'],
  ...Array.from({ length: 12 }, (_, index) => `research-${String(index + 1).padStart(2, '0')}`),
] as const;

/** Services by their part of the lines: code, name, usage type. */
const SERVICES = [
  ['AmazonEC2', 'Amazon Elastic Compute Cloud', 'BoxUsage:g5.xlarge'],
  ['AmazonSageMaker', 'Amazon SageMaker', 'Hosting:ml.g5.xlarge'],
  ['AmazonS3', 'Amazon Simple Storage Service', 'TimedStorage-ByteHrs'],
  ['AmazonRDS', 'Amazon Relational Database Service', 'InstanceUsage:db.m5.large'],
  ['AmazonCloudWatch', 'AmazonCloudWatch', 'CW:MetricMonitorUsage'],
  ['AWSLambda', 'AWS Lambda', 'Lambda-GB-Second'],
  ['AmazonDynamoDB', 'Amazon DynamoDB', 'ReadRequestUnits'],
  ['awskms', 'AWS Key Management Service', 'KMS-Requests'],
] as const;

/** Kinds of lines and how many of a thousand they are. */
const KINDS = [
  ['usage', 815],
  ['transfer', 15],
  ['covered', 40],
  ['negation', 20],
  ['planFee', 10],
  ['discounted', 30],
  ['reservationFee', 5],
  ['upfront', 3],
  ['support', 12],
  ['tax', 20],
  ['credit', 10],
  ['refund', 5],
  ['discount', 15],
] as const;
type MadeKind = (typeof KINDS)[number][0];

/** What of a thousand lines carries no project. */
const UNTAGGED = 180;
/** Environments; the last of them is none. */
const ENVIRONMENTS = ['prod', 'dev', 'staging', ''] as const;
const POOLS = ['gpu-pool', 'llm', ''] as const;

/** One decimal of ten: the unit that costs are drawn in. */
const UNIT = 10_000_000_000;

/** How a line is drawn, in both languages; `x` is the number of the line, `seed` is added to it. */
const drawSql = (draw: Draw): string => {
  const [a, b] = DRAWS[draw];
  return `((n % ${PRIME}) * (n % ${PRIME}) % ${PRIME} * ${a} + (n % ${PRIME}) * ${b} + ${b * 7}) % ${PRIME}`;
};
const drawn = (n: number, draw: Draw): number => {
  const [a, b] = DRAWS[draw];
  const x = n % PRIME;
  return (((x * x) % PRIME) * a + x * b + b * 7) % PRIME;
};

/** Below what of a thousand each kind is drawn. */
const kindBounds: readonly (readonly [MadeKind, number])[] = KINDS.map(([kind], index) => [
  kind,
  KINDS.slice(0, index + 1).reduce((sum, [, share]) => sum + share, 0),
]);

/** What a line is, by number. Costs are in 10^-10 dollars. */
interface Drawn {
  readonly day: number;
  readonly kind: MadeKind;
  readonly project: string;
  readonly pool: string;
  readonly cost: number;
}

function lineOf(n: number): Drawn {
  const among = drawn(n, 'kind') % 1_000;
  const kind = kindBounds.find(([, bound]) => among < bound)?.[0] ?? 'usage';
  const isOwned = OWNED.has(kind) && drawn(n, 'project') % 1_000 >= UNTAGGED;
  const project = isOwned ? (PROJECTS[drawn(n, 'project') % PROJECTS.length] ?? '') : '';
  const pool = isPooled(kind) && !isOwned ? (POOLS[drawn(n, 'pool') % POOLS.length] ?? '') : '';
  return { day: drawn(n, 'day') % DAYS, kind, project, pool, cost: costOf(n) };
}

/** Kinds that projects have; the others carry no tag. */
const OWNED: ReadonlySet<MadeKind> = new Set([
  'usage',
  'covered',
  'discounted',
  'credit',
  'refund',
  'discount',
]);
const isPooled = (kind: MadeKind): boolean => kind === 'usage';

/** Most lines are cents, some dollars: 10^-10 to about 2.5 dollars. */
const costOf = (n: number): number => {
  const large = drawn(n, 'cost');
  return drawn(n, 'fine') + 1 + (large % 7 === 0 ? large * 25_000 : large * 100);
};

/** What the lines come to, in 10^-10 dollars: amortized, without credits and refunds. */
export interface Reckoned {
  readonly lines: number;
  readonly spend: bigint;
  readonly credits: bigint;
  readonly invoiced: bigint;
  readonly byProject: ReadonlyMap<string, bigint>;
  /** What carries no project, by what it is. */
  readonly byShared: ReadonlyMap<SharedKind, bigint>;
}

export type SharedKind =
  | 'support'
  | 'tax'
  | 'transfer'
  | 'commitment'
  | 'gpu-pool'
  | 'llm'
  | 'discount'
  | 'rest';

/** Amortized and invoiced amounts of each kind, of a drawn cost. */
function amountsOf(kind: MadeKind, cost: number): { readonly amortized: number; readonly invoiced: number } {
  switch (kind) {
    case 'usage':
    case 'transfer':
    case 'support':
    case 'tax':
      return { amortized: cost, invoiced: cost };
    // A plan takes 28 % off.
    case 'covered':
      return { amortized: cost - Math.floor((cost * 28) / 100), invoiced: cost };
    case 'negation':
      return { amortized: 0, invoiced: -cost };
    // A tenth of the commitment is not used.
    case 'planFee':
      return { amortized: cost - Math.floor((cost * 9) / 10), invoiced: cost };
    case 'discounted':
      return { amortized: cost, invoiced: 0 };
    case 'reservationFee':
      return { amortized: Math.floor(cost / 5), invoiced: cost };
    case 'upfront':
      return { amortized: 0, invoiced: cost };
    case 'credit':
    case 'refund':
    case 'discount':
      return { amortized: -cost, invoiced: -cost };
  }
}

const sharedOf = ({ kind, pool }: Drawn): SharedKind => {
  switch (kind) {
    case 'support':
    case 'tax':
    case 'transfer':
    case 'discount':
      return kind;
    case 'negation':
    case 'planFee':
    case 'reservationFee':
    case 'upfront':
      return 'commitment';
    default:
      return pool === 'gpu-pool' || pool === 'llm' ? pool : 'rest';
  }
};

/** What so many lines should come to, by numbers alone. */
export function reckon(lines: number, seed = 1): Reckoned {
  const byProject = new Map<string, bigint>();
  const byShared = new Map<SharedKind, bigint>();
  const add = <Key>(sums: Map<Key, bigint>, key: Key, amount: bigint): void => {
    sums.set(key, (sums.get(key) ?? 0n) + amount);
  };
  let [spend, credits, invoiced] = [0n, 0n, 0n];
  for (let index = 0; index < lines; index += 1) {
    const line = lineOf(index + seed * 31);
    const amounts = amountsOf(line.kind, line.cost);
    invoiced += BigInt(amounts.invoiced);
    if (line.kind === 'credit' || line.kind === 'refund') {
      credits += BigInt(amounts.amortized);
      continue;
    }
    const amortized = BigInt(amounts.amortized);
    spend += amortized;
    if (line.project !== '') add(byProject, line.project, amortized);
    else add(byShared, sharedOf(line), amortized);
  }
  return { lines, spend, credits, invoiced, byProject, byShared };
}

/** The draws of each line, as columns. */
function drawsSql(lines: number, seed: number): string {
  const kind = kindBounds.map(([name, bound]) => `WHEN ${drawSql('kind')} % 1000 < ${bound} THEN '${name}'`);
  const list = (texts: readonly string[]): string => `[${texts.map(literal).join(', ')}]`;
  const owned = `kind IN (${[...OWNED].map(literal).join(', ')}) AND ${drawSql('project')} % 1000 >= ${UNTAGGED}`;
  const pick = (texts: readonly string[], draw: Draw): string =>
    `${list(texts)}[${drawSql(draw)} % ${texts.length} + 1]`;
  const code = SERVICES.map(([one]) => one);
  return `
    SELECT *,
      CASE WHEN ${owned} THEN ${pick(PROJECTS, 'project')} ELSE '' END AS project,
      CASE WHEN ${owned} THEN ${pick(ENVIRONMENTS, 'environment')} ELSE '' END AS environment,
      CASE WHEN kind = 'usage' AND NOT (${owned}) THEN ${pick(POOLS, 'pool')} ELSE '' END AS pool,
      CASE kind WHEN 'support' THEN 'AWSSupportBusiness' ELSE ${pick(code, 'service')} END AS code,
      CASE kind WHEN 'support' THEN 'AWS Support (Business)' ELSE ${pick(
        SERVICES.map(([, name]) => name),
        'service',
      )} END AS service,
      CASE kind WHEN 'transfer' THEN 'USE1-DataTransfer-Out-Bytes' WHEN 'support' THEN 'Dollar' ELSE 'USE1-' || ${pick(
        SERVICES.map(([, , usage]) => usage),
        'service',
      )} END AS usage_type,
      TIMESTAMP '${MADE_MONTH}-01 00:00:00' + INTERVAL (${drawSql('day')} % ${DAYS}) DAY
        + INTERVAL (${drawSql('hour')} % 24) HOUR AS began,
      'arn:aws:ec2:us-east-1:111122223333:instance/i-' || printf('%017x', ${drawSql('resource')} % 20000) AS resource
    FROM (
      SELECT n, CASE ${kind.join(' ')} ELSE 'usage' END AS kind,
        ${drawSql('fine')} + 1 + CASE WHEN ${drawSql('cost')} % 7 = 0 THEN ${drawSql('cost')} * 25000 ELSE ${drawSql('cost')} * 100 END AS cost
      FROM (SELECT range + ${seed * 31} AS n FROM range(${lines}))
    )`;
}

/** Units of 10^-10 dollars as the double that AWS writes. */
const dollars = (units: string): string => `CAST(${units} AS DOUBLE) / ${UNIT}`;

const TAGS = (prefix: string): string => `map_from_entries(list_filter([
      {'k': '${prefix}project', 'v': project}, {'k': '${prefix}environment', 'v': environment},
      {'k': '${prefix}shared', 'v': pool}], lambda entry: entry.v <> ''))`;

const cur2Sql = (draws: string, map: (sql: string) => string): string => `
  SELECT
    'li-' || n AS identity_line_item_id,
    strftime(began, '%Y-%m-%dT%H:00:00Z') || '/' || strftime(began + INTERVAL 1 HOUR, '%Y-%m-%dT%H:00:00Z') AS identity_time_interval,
    'Anniversary' AS bill_bill_type,
    'AWS' AS bill_billing_entity,
    TIMESTAMP '${MADE_MONTH}-01 00:00:00' AS bill_billing_period_start_date,
    TIMESTAMP '${MADE_MONTH}-01 00:00:00' + INTERVAL 1 MONTH AS bill_billing_period_end_date,
    '999988887777' AS bill_payer_account_id,
    '111122223333' AS line_item_usage_account_id,
    CASE kind WHEN 'usage' THEN 'Usage' WHEN 'transfer' THEN 'Usage' WHEN 'covered' THEN 'SavingsPlanCoveredUsage'
      WHEN 'negation' THEN 'SavingsPlanNegation' WHEN 'planFee' THEN 'SavingsPlanRecurringFee'
      WHEN 'discounted' THEN 'DiscountedUsage' WHEN 'reservationFee' THEN 'RIFee' WHEN 'upfront' THEN 'Fee'
      WHEN 'support' THEN 'Fee' WHEN 'tax' THEN 'Tax' WHEN 'credit' THEN 'Credit' WHEN 'refund' THEN 'Refund'
      ELSE 'EdpDiscount' END AS line_item_line_item_type,
    began AS line_item_usage_start_date,
    began + INTERVAL 1 HOUR AS line_item_usage_end_date,
    code AS line_item_product_code,
    usage_type AS line_item_usage_type,
    'RunInstances' AS line_item_operation,
    'us-east-1a' AS line_item_availability_zone,
    CASE WHEN kind IN ('usage', 'covered', 'discounted') THEN resource END AS line_item_resource_id,
    CAST(n % 24 AS DOUBLE) AS line_item_usage_amount,
    'USD' AS line_item_currency_code,
    CASE kind WHEN 'discounted' THEN 0.0 WHEN 'negation' THEN -${dollars('cost')} WHEN 'credit' THEN -${dollars('cost')}
      WHEN 'refund' THEN -${dollars('cost')} WHEN 'discount' THEN -${dollars('cost')}
      ELSE ${dollars('cost')} END AS line_item_unblended_cost,
    'Line ' || n || ', "quoted", of ' || service AS line_item_line_item_description,
    ${map(`MAP {'product_name': service}`)} AS product,
    'us-east-1' AS product_region_code,
    code AS product_servicecode,
    CASE kind WHEN 'covered' THEN ${dollars('cost - cost * 28 // 100')} END AS savings_plan_savings_plan_effective_cost,
    CASE kind WHEN 'planFee' THEN ${dollars('cost')} END AS savings_plan_total_commitment_to_date,
    CASE kind WHEN 'planFee' THEN ${dollars('cost * 9 // 10')} END AS savings_plan_used_commitment,
    CASE kind WHEN 'discounted' THEN ${dollars('cost')} END AS reservation_effective_cost,
    CASE kind WHEN 'reservationFee' THEN ${dollars('cost // 5 - cost // 20')} END AS reservation_unused_amortized_upfront_fee_for_billing_period,
    CASE kind WHEN 'reservationFee' THEN ${dollars('cost // 20')} END AS reservation_unused_recurring_fee,
    CASE WHEN kind IN ('discounted', 'reservationFee', 'upfront') THEN 'arn:aws:ec2:us-east-1:111122223333:reserved-instances/r-1' END AS reservation_reservation_a_r_n,
    ${map(TAGS('user_'))} AS resource_tags,
    ${map(`MAP {'cost_center': 'cc-' || (n % 5)}`)} AS cost_category
  FROM (${draws})`;

const focusSql = (draws: string, map: (sql: string) => string): string => `
  SELECT
    CASE kind WHEN 'discounted' THEN 0.0 WHEN 'covered' THEN 0.0 WHEN 'negation' THEN 0.0
      WHEN 'credit' THEN -${dollars('cost')} WHEN 'refund' THEN -${dollars('cost')} WHEN 'discount' THEN -${dollars('cost')}
      ELSE ${dollars('cost')} END AS BilledCost,
    '999988887777' AS BillingAccountId,
    'Payer' AS BillingAccountName,
    'USD' AS BillingCurrency,
    TIMESTAMP '${MADE_MONTH}-01 00:00:00' + INTERVAL 1 MONTH AS BillingPeriodEnd,
    TIMESTAMP '${MADE_MONTH}-01 00:00:00' AS BillingPeriodStart,
    CASE kind WHEN 'planFee' THEN 'Usage' WHEN 'reservationFee' THEN 'Usage' WHEN 'negation' THEN 'Usage'
      WHEN 'upfront' THEN 'Purchase' WHEN 'support' THEN 'Purchase' WHEN 'tax' THEN 'Tax' WHEN 'credit' THEN 'Credit'
      WHEN 'discount' THEN 'Adjustment' ELSE 'Usage' END AS ChargeCategory,
    CASE kind WHEN 'refund' THEN 'Correction' END AS ChargeClass,
    'Line ' || n || ', "quoted", of ' || service AS ChargeDescription,
    began + INTERVAL 1 HOUR AS ChargePeriodEnd,
    began AS ChargePeriodStart,
    CASE WHEN kind IN ('covered', 'negation', 'planFee', 'discounted', 'reservationFee', 'upfront') THEN 'commitment-1' END AS CommitmentDiscountId,
    CASE WHEN kind IN ('covered', 'discounted') THEN 'Used' WHEN kind IN ('negation', 'planFee', 'reservationFee') THEN 'Unused' END AS CommitmentDiscountStatus,
    ${dollars('cost')} AS ContractedCost,
    CASE kind WHEN 'covered' THEN ${dollars('cost - cost * 28 // 100')} WHEN 'negation' THEN 0.0
      WHEN 'planFee' THEN ${dollars('cost - cost * 9 // 10')} WHEN 'reservationFee' THEN ${dollars('cost // 5')}
      WHEN 'upfront' THEN 0.0 WHEN 'credit' THEN -${dollars('cost')} WHEN 'refund' THEN -${dollars('cost')}
      WHEN 'discount' THEN -${dollars('cost')} ELSE ${dollars('cost')} END AS EffectiveCost,
    'Amazon Web Services, Inc.' AS InvoiceIssuerName,
    ${dollars('cost')} AS ListCost,
    CAST(n % 24 AS DOUBLE) AS PricingQuantity,
    'Hrs' AS PricingUnit,
    'AWS' AS ProviderName,
    'AWS' AS PublisherName,
    'us-east-1' AS RegionId,
    CASE WHEN kind IN ('usage', 'covered', 'discounted') THEN resource END AS ResourceId,
    'Compute' AS ServiceCategory,
    service AS ServiceName,
    '111122223333' AS SubAccountId,
    ${map(TAGS('user:'))} AS Tags,
    ${map(`MAP {'cost_center': 'cc-' || (n % 5)}`)} AS x_CostCategories,
    code AS x_ServiceCode,
    usage_type AS x_UsageType
  FROM (${draws})`;

/**
 * Writes a month of line items.
 * @returns the path of the file
 */
export async function makeBill(wanted: {
  readonly lines: number;
  readonly format: MadeFormat;
  readonly type: MadeType;
  readonly out: string;
  readonly seed?: number;
}): Promise<string> {
  const { lines, format, type, out, seed = 1 } = wanted;
  await mkdir(out, { recursive: true });
  const path = join(out, `${format}-${lines}.${type === 'parquet' ? 'snappy.parquet' : type}`);
  // In CSV a map is JSON text.
  const map = type === 'parquet' ? (sql: string) => sql : (sql: string) => `CAST(to_json(${sql}) AS VARCHAR)`;
  const draws = drawsSql(lines, seed);
  const select = format === 'cur2' ? cur2Sql(draws, map) : focusSql(draws, map);
  const options =
    type === 'parquet'
      ? 'FORMAT parquet, COMPRESSION snappy'
      : `FORMAT csv, HEADER, COMPRESSION gzip, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.000Z'`;
  await withDuckDb({}, (connection) => connection.run(`COPY (${select}) TO ${literal(path)} (${options})`));
  return path;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: '1000000' },
      format: { type: 'string', default: 'cur2' },
      type: { type: 'string', default: 'parquet' },
      out: { type: 'string', default: '.' },
      seed: { type: 'string', default: '1' },
    },
  });
  const lines = Number(values.lines);
  const format = values.format === 'focus' ? 'focus' : 'cur2';
  const type = values.type === 'parquet' ? 'parquet' : 'csv.gz';
  const seed = Number(values.seed);
  const path = await makeBill({ lines, format, type, out: resolve(values.out), seed });
  const { spend, credits, invoiced } = reckon(lines, seed);
  const usd = (units: bigint): string => (Number(units) / UNIT).toFixed(6);
  console.log(`${path}: ${lines} lines, spend $${usd(spend)}, credits and refunds $${usd(credits)}`);
  if (format === 'cur2') console.log(`invoiced $${usd(invoiced)}`);
}

if (import.meta.filename === process.argv[1]) await main();
