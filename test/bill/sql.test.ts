import { describe, expect, it } from 'vitest';
import { withDuckDb } from '../../lib/bill/duckdb.ts';
import type { BillQuestion } from '../../lib/bill/question.ts';
import {
  costsSql,
  daysSql,
  dimensionLinesSql,
  FORMATS,
  factsSql,
  linesSql,
  monthsOf,
} from '../../lib/bill/sql.ts';
import { type Columns, columnised } from '../../lib/bill/sql-columns.ts';
import { ATHENA, type Dialect, DUCKDB, identifier, literal } from '../../lib/bill/sql-dialect.ts';
import type { Format } from '../../lib/bill/sql-format.ts';
import { question, rule } from './line-items-support.ts';

/** Columns of AWS's exports, with the types that an engine gives them. */
const typed = (type: string, ...names: readonly string[]): readonly [string, string][] =>
  names.map((name) => [name, type]);
const CUR2_COLUMNS: Columns = new Map([
  ...typed('string', 'line_item_line_item_type', 'line_item_currency_code', 'line_item_usage_account_id'),
  ...typed('string', 'line_item_usage_type', 'line_item_resource_id', 'line_item_product_code'),
  ...typed('string', 'product_region_code', 'reservation_reservation_a_r_n'),
  ...typed('double', 'line_item_unblended_cost', 'savings_plan_savings_plan_effective_cost'),
  ...typed('double', 'savings_plan_total_commitment_to_date', 'savings_plan_used_commitment'),
  ...typed('double', 'reservation_effective_cost', 'reservation_unused_recurring_fee'),
  ...typed('double', 'reservation_unused_amortized_upfront_fee_for_billing_period'),
  ...typed('timestamp', 'line_item_usage_start_date'),
  ...typed('map<string,string>', 'resource_tags', 'cost_category', 'product'),
]);
const FOCUS_COLUMNS: Columns = new Map([
  ...typed('string', 'chargecategory', 'chargeclass', 'billingcurrency', 'servicename', 'subaccountid'),
  ...typed('string', 'regionid', 'resourceid', 'x_usagetype', 'tags', 'x_costcategories'),
  ...typed('double', 'billedcost', 'effectivecost'),
  ...typed('timestamp with time zone', 'chargeperiodstart'),
]);

const COLUMNS: Readonly<Record<Format['name'], Columns>> = {
  cur2: CUR2_COLUMNS,
  focus: FOCUS_COLUMNS,
};

const HOSTILE = "x'); DROP TABLE costs; --";
const asked: BillQuestion = question({
  tagKey: "it's 'mine'",
  rules: [
    rule('support', { service: ['AWS Support*', 'Amazon SageMaker'] }),
    rule(HOSTILE, { project: [HOSTILE, '100%*', 'a_b!'], tags: { [HOSTILE]: [HOSTILE, '*'] } }),
    rule('all', {
      charge: ['tax', 'fee'],
      account: ['1*'],
      region: ['*'],
      usageType: ['*Transfer*'],
      resource: ['*'],
    }),
  ],
  dimensions: [
    { of: 'tag', key: HOSTILE },
    { of: 'category', name: HOSTILE },
  ],
});
const facts = {
  kinds: [
    { called: 'Usage', className: '', commitment: '', charge: 'usage' },
    { called: "Odd 'kind'", className: 'Correction', commitment: 'fee', charge: 'tax' },
    { called: 'Credit', className: '', commitment: '', charge: 'credit' },
  ],
  services: ['Amazon SageMaker AI', HOSTILE],
} as const;

const statements = (dialect: Dialect, name: Format['name']): readonly string[] => {
  const source = { format: FORMATS[name], columns: COLUMNS[name], dialect };
  return [
    costsSql(source, asked, { from: identifier('odd "table"'), where: daysSql(source, asked, undefined) }),
    factsSql(asked),
    linesSql(asked, facts),
    dimensionLinesSql(asked, facts, 1),
  ];
};

describe('statements', () => {
  it.each(['cur2', 'focus'] as const)('of %s are the same for both engines but for keys of maps', (name) => {
    const athena = statements(ATHENA, name).map((sql) =>
      sql
        .replace(
          /element_at\(CAST\(json_parse\(NULLIF\(("\w+"), ''\)\) AS MAP\(VARCHAR, VARCHAR\)\), ('(?:[^']|'')*')\)/g,
          'KEY($1, $2)',
        )
        .replace(/element_at\(("\w+"), ('(?:[^']|'')*')\)/g, 'KEY($1, $2)'),
    );
    const duckdb = statements(DUCKDB, name).map((sql) =>
      sql
        .replace(/json_extract_string\(("\w+"), '\/((?:[^']|'')*)'\)/g, "KEY($1, '$2')")
        .replace(/("\w+")\[('(?:[^']|'')*')\]/g, 'KEY($1, $2)'),
    );
    expect(athena).toEqual(duckdb);
    expect(athena[0]).toContain('KEY(');
  });

  it('speak to Trino in words of Trino', () => {
    const source = { format: FORMATS.cur2, columns: CUR2_COLUMNS, dialect: ATHENA };
    const small = question({
      rules: [
        rule('support', { service: ['AWS Support*'] }),
        rule('pool', { tags: { shared: ['gpu-pool'] } }),
      ],
    });
    expect(
      costsSql(source, small, { from: '"bill"', where: daysSql(source, small, 'billing_period') }),
    ).toMatchInlineSnapshot(`
      "SELECT
        COALESCE(CAST(CAST("line_item_usage_start_date" AS DATE) AS VARCHAR), '') AS day,
        COALESCE(NULLIF(element_at("resource_tags", 'user_project'), ''), NULLIF(element_at("resource_tags", 'user:project'), ''), NULLIF(element_at("resource_tags", 'project'), ''), '') AS project,
        COALESCE(NULLIF(element_at("product", 'product_name'), ''), NULLIF("line_item_product_code", ''), '') AS service,
        COALESCE(NULLIF("line_item_line_item_type", ''), '') AS called,
        '' AS class_name,
        CASE WHEN (COALESCE(NULLIF("line_item_line_item_type", ''), '') = 'Fee' AND COALESCE(NULLIF("reservation_reservation_a_r_n", ''), '') <> '') THEN 'fee' ELSE '' END AS commitment,
        COALESCE(NULLIF("line_item_currency_code", ''), '') AS currency,
        '' AS account,
        '' AS region,
        '' AS usage_type,
        '' AS resource,
        COALESCE(NULLIF(element_at("resource_tags", 'user_shared'), ''), NULLIF(element_at("resource_tags", 'user:shared'), ''), NULLIF(element_at("resource_tags", 'shared'), ''), '') AS tag_0,
        COUNT(*) AS line_count,
        SUM(CASE WHEN COALESCE(NULLIF("line_item_line_item_type", ''), '') = 'SavingsPlanCoveredUsage' THEN COALESCE(CAST("savings_plan_savings_plan_effective_cost" AS DECIMAL(38, 12)), CAST(0 AS DECIMAL(38, 12))) WHEN COALESCE(NULLIF("line_item_line_item_type", ''), '') = 'SavingsPlanRecurringFee' THEN COALESCE(CAST("savings_plan_total_commitment_to_date" AS DECIMAL(38, 12)), CAST(0 AS DECIMAL(38, 12))) - COALESCE(CAST("savings_plan_used_commitment" AS DECIMAL(38, 12)), CAST(0 AS DECIMAL(38, 12))) WHEN COALESCE(NULLIF("line_item_line_item_type", ''), '') IN ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') THEN CAST(0 AS DECIMAL(38, 12)) WHEN COALESCE(NULLIF("line_item_line_item_type", ''), '') = 'DiscountedUsage' THEN COALESCE(CAST("reservation_effective_cost" AS DECIMAL(38, 12)), CAST(0 AS DECIMAL(38, 12))) WHEN COALESCE(NULLIF("line_item_line_item_type", ''), '') = 'RIFee' THEN COALESCE(CAST("reservation_unused_amortized_upfront_fee_for_billing_period" AS DECIMAL(38, 12)), CAST(0 AS DECIMAL(38, 12))) + COALESCE(CAST("reservation_unused_recurring_fee" AS DECIMAL(38, 12)), CAST(0 AS DECIMAL(38, 12))) WHEN (COALESCE(NULLIF("line_item_line_item_type", ''), '') = 'Fee' AND COALESCE(NULLIF("reservation_reservation_a_r_n", ''), '') <> '') THEN CAST(0 AS DECIMAL(38, 12)) ELSE COALESCE(CAST("line_item_unblended_cost" AS DECIMAL(38, 12)), CAST(0 AS DECIMAL(38, 12))) END) AS amortized,
        SUM(COALESCE(CAST("line_item_unblended_cost" AS DECIMAL(38, 12)), CAST(0 AS DECIMAL(38, 12)))) AS unblended
      FROM "bill"
      WHERE "billing_period" IN ('2026-11')
      GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12"
    `);
    expect(linesSql(small, { kinds: facts.kinds.slice(0, 1), services: [] })).toMatchInlineSnapshot(`
      "SELECT day, project, rule, service, charge, CAST(SUM(amortized) AS VARCHAR)
      FROM (SELECT charged.*, CASE WHEN (project = '' AND (((service <> '' AND service LIKE 'AWS Support%' ESCAPE '!')))) THEN '0'
          WHEN ((tag_0 IN ('gpu-pool'))) THEN '1' END AS rule
      FROM (SELECT costs.*, CASE WHEN (called = 'Usage' AND class_name = '' AND commitment = '') THEN 'usage' END AS charge
        FROM costs WHERE (day >= '2026-11-01' AND day <= '2026-11-30') AND ((called = 'Usage' AND class_name = '' AND commitment = ''))) AS charged) AS matched
      GROUP BY 1, 2, 3, 4, 5"
    `);
  });

  it('are not made longer by what people write', async () => {
    await withDuckDb({ threads: 1 }, async (connection) => {
      // Each of them is one statement to the engine, whatever is in it.
      for (const name of ['cur2', 'focus'] as const) {
        for (const sql of statements(DUCKDB, name)) {
          expect((await connection.extractStatements(sql)).count).toBe(1);
        }
      }
      const [[said] = []] = (await connection.runAndReadAll(`SELECT ${literal(HOSTILE)}`)).getRowsJson();
      expect(said).toBe(HOSTILE);
    });
    expect(() => literal('a\u0000b')).toThrow('NUL');
  });

  it('ask a partitioned table for its months, and another for its days', () => {
    const source = { format: FORMATS.cur2, columns: CUR2_COLUMNS, dialect: ATHENA };
    const span = question({ from: '2025-12-31', to: '2026-02-01' });
    expect(daysSql(source, span, 'billing_period')).toBe(
      `"billing_period" IN ('2025-12', '2026-01', '2026-02')`,
    );
    expect(daysSql(source, span, undefined)).toContain("BETWEEN '2025-12-31' AND '2026-02-01'");
    expect(monthsOf('2026-11-01', '2026-11-30')).toEqual(['2026-11']);
  });

  it('know how AWS writes tag keys in its columns', () => {
    expect(columnised('CostCenter')).toBe('cost_center');
    expect(columnised('Cost Center')).toBe('cost_center');
    expect(columnised('aws:createdBy')).toBe('aws_created_by');
    expect(columnised('project')).toBe('project');
  });
});
