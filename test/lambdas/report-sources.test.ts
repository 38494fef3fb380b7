import { expect, it } from 'vitest';
import { cloudSource } from '../../lambdas/report-sources.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';

const policyOf = (bill: string) =>
  parsePolicy(
    `version: 1
projects: { fraud: {} }
policies: [{ name: everything, match: {}, idle: 'off' }]
allocation: ${bill}
`,
    'bursar.yaml',
  );

it('the cloud asks Cost Explorer, or Athena where the policy names a table', () => {
  expect(cloudSource(policyOf('{}'))).toEqual({ source: { from: 'cost-explorer' }, notes: [] });
  const athena = 'athena: { database: billing, table: cur2, workgroup: primary }';
  expect(
    cloudSource(policyOf(`{ bill: { location: "s3://bills/cur2/export", format: cur2, ${athena} } }`)),
  ).toEqual({
    source: { from: 'athena', table: { database: 'billing', table: 'cur2', workgroup: 'primary' } },
    notes: [],
  });
});

it('and says so where the policy has its line items in files, which no Lambda reads', () => {
  const { source, notes } = cloudSource(
    policyOf('{ bill: { location: "s3://bills/cur2/export", format: cur2 } }'),
  );
  expect(source).toEqual({ from: 'cost-explorer' });
  expect(notes).toEqual([
    expect.stringMatching(/^Cost Explorer was asked, not the line items in s3:\/\/bills\/cur2\/export: /),
  ]);
});
