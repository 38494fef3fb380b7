import { expect, it } from 'vitest';
import { meteredKinds } from '../../lib/fleet/metered-kinds.ts';
import { kinds } from '../../lib/fleet/registry.ts';
import { planIamPolicy } from '../../lib/plan/iam-policy.ts';

const statements = planIamPolicy().Statement;
const actions = statements.flatMap(({ Action }) => Action);

it('allows nothing that changes anything, each action by its name', () => {
  const reads = /^[a-z0-9-]+:(Describe|Get|List|Lookup|View|Query$)[A-Za-z]*$/;
  expect(actions.filter((action) => !reads.test(action))).toEqual(['kms:Decrypt']);
  expect(statements.find(({ Action }) => Action.includes('kms:Decrypt'))?.Condition).toEqual({
    StringLike: { 'kms:ViaService': 'dynamodb.*.amazonaws.com' },
  });
});

it('allows all that seeing any kind needs', () => {
  const needed = [...kinds, ...meteredKinds].flatMap(({ permissions }) =>
    permissions.observe.flatMap((permission) => permission.actions),
  );
  expect(needed.length).toBeGreaterThan(20);
  expect(actions).toEqual(expect.arrayContaining(needed));
  expect(actions).toEqual(
    expect.arrayContaining([
      'cloudwatch:GetMetricData',
      'pricing:GetProducts',
      'cloudtrail:LookupEvents',
      'budgets:ViewBudget',
      'cloudformation:DescribeStacks',
      'dynamodb:Query',
    ]),
  );
});

it('names each action once, in order, and each statement', () => {
  expect(planIamPolicy()).toEqual(planIamPolicy());
  expect(new Set(actions).size).toBe(actions.length);
  for (const { Sid, Action, Resource } of statements) {
    expect(Sid).toMatch(/^[A-Za-z]+$/);
    expect(Action).toEqual([...Action].sort());
    expect(Resource).not.toEqual([]);
  }
  // IAM takes 6,144 characters of a managed policy, blanks left out.
  expect(JSON.stringify(planIamPolicy()).length).toBeLessThan(6_144);
});

it('reads the ledger of the partition alone', () => {
  const text = JSON.stringify(planIamPolicy('aws-cn'));
  expect(text).toContain('arn:aws-cn:dynamodb:*:*:table/*Ledger*');
  expect(text).not.toContain('arn:aws:');
});
