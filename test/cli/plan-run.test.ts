import { describe, expect, it } from 'vitest';
import type { AwsContextOptions } from '../../lib/cli/aws-contexts.ts';
import type { DeployedOptions } from '../../lib/cli/find-ledger.ts';
import { UsageError } from '../../lib/cli/io.ts';
import { type PlanParts, type PlanRequest, runPlan } from '../../lib/cli/plan-run.ts';
import { createBudgetsClient, createCostExplorerClient } from '../../lib/fleet/clients.ts';
import { createMemoryLedger } from '../../lib/ledger/memory.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { PLAN } from './plan-fixtures.ts';
import { recordedIo } from './run-cli.ts';

const POLICY = parsePolicy(
  'version: 1\nprojects: { recsys: { budget: 12000 USD } }\npolicies: [{ name: all, match: {}, idle: off }]\nscope: { regions: [us-east-1, eu-west-1] }\n',
  'bursar.yaml',
);

const REQUEST: PlanRequest = {
  policy: POLICY,
  policyFile: 'bursar.yaml',
  stack: 'Bursar',
  isStackNamed: false,
  asNew: false,
  aheadSeconds: 86_400,
};

const { io } = recordedIo({ now: () => PLAN.at });

type Given = Parameters<PlanParts['makePlan']>[0];

/** What reads no account, and keeps what it was asked. */
function world(parts: Partial<PlanParts> = {}) {
  const asked: { contexts: AwsContextOptions[]; ledgers: DeployedOptions[]; plans: Given[] } = {
    contexts: [],
    ledgers: [],
    plans: [],
  };
  const ledger = createMemoryLedger();
  const all: PlanParts = {
    awsContexts: async (options) => {
      asked.contexts.push(options);
      return {
        account: '123456789012',
        regions: new Map(),
        cloudTrails: new Map(),
        budgets: createBudgetsClient(),
        costExplorer: createCostExplorerClient(),
      };
    },
    findLedger: async (options) => {
      asked.ledgers.push(options);
      return { stack: options.stack, region: 'us-east-1', ledger };
    },
    makePlan: async (given) => {
      asked.plans.push(given);
      return { ...PLAN, lists: new Map() };
    },
    ...parts,
  };
  return { asked, ledger, parts: all };
}

const noStack: PlanParts['findLedger'] = async ({ stack }) => ({
  stack,
  region: 'eu-west-1',
  ledger: undefined,
});

const awsError = (name: string, message: string): Error =>
  Object.assign(new Error(message), { name, $metadata: {} });

describe('a plan of an account', () => {
  it('is made with what a deployed Bursar knows', async () => {
    const { asked, ledger, parts } = world();
    const planned = await runPlan({ ...REQUEST, region: 'eu-central-1', profile: 'audit' }, io, parts);
    expect(planned.notes).toEqual([]);
    expect(planned.policy).toBe(POLICY);
    expect(asked.contexts).toMatchObject([{ policy: POLICY, profile: 'audit' }]);
    expect(asked.ledgers).toMatchObject([
      { stack: 'Bursar', region: 'eu-central-1', profile: 'audit', regions: ['us-east-1', 'eu-west-1'] },
    ]);
    expect(asked.plans).toMatchObject([
      { account: '123456789012', policyFile: 'bursar.yaml', aheadSeconds: 86_400 },
    ]);
    expect(asked.plans[0]?.ledger).toBe(ledger);
    expect(asked.plans[0]?.now()).toEqual(PLAN.at);
  });

  it('is made as if Bursar were new where it is not deployed, and says so', async () => {
    const { asked, parts } = world({ findLedger: noStack });
    const { notes } = await runPlan(REQUEST, io, parts);
    expect(asked.plans[0]).not.toHaveProperty('ledger');
    expect(notes).toEqual([
      'There is no stack Bursar in eu-west-1. If Bursar is deployed elsewhere, give --stack and --region.',
    ]);
  });

  it('is made so too where it is asked for, and then no stack is', async () => {
    const { asked, parts } = world();
    expect((await runPlan({ ...REQUEST, asNew: true }, io, parts)).notes).toEqual([]);
    expect(asked.ledgers).toEqual([]);
    expect(asked.plans[0]).not.toHaveProperty('ledger');
  });

  it('is not made where the stack that was named is not there', async () => {
    const { asked, parts } = world({ findLedger: noStack });
    await expect(runPlan({ ...REQUEST, stack: 'Bursr', isStackNamed: true }, io, parts)).rejects.toThrow(
      new UsageError(
        'There is no stack Bursr in eu-west-1. Name another by --stack, --region or --profile. Give --new to plan as if Bursar were new here.',
      ),
    );
    expect(asked.plans).toEqual([]);
  });

  it('says which right is missing, and where to get it', async () => {
    const denied = awsError(
      'UnauthorizedOperation',
      'You are not authorized to perform this operation. User: ana is not authorized to perform: ec2:DescribeInstances. Encoded authorization failure message: abc_DEF-123',
    );
    const { parts } = world({
      makePlan: async () => {
        throw new Error('the fleet could not be read', { cause: denied });
      },
    });
    await expect(runPlan(REQUEST, io, parts)).rejects.toThrow(
      new UsageError(
        'Reading the account 123456789012: AWS does not allow it. You are not authorized to perform this operation. User: ana is not authorized to perform: ec2:DescribeInstances. bursar plan --iam-policy prints a policy that allows all it needs.',
      ),
    );
  });

  it('leaves a fault of its own what it is', async () => {
    const fault = new TypeError('x is not a function');
    const { parts } = world({
      makePlan: async () => {
        throw fault;
      },
    });
    await expect(runPlan(REQUEST, io, parts)).rejects.toBe(fault);
  });

  it('says that prices could not be read', async () => {
    const { parts } = world();
    const { notes } = await runPlan(REQUEST, io, {
      ...parts,
      awsContexts: (options) => {
        const denied = awsError('AccessDeniedException', 'ana may not perform pricing:GetProducts');
        options.onPriceError?.('ec2/us-east-1/g5.xlarge/Linux', denied);
        options.onPriceError?.('ec2/us-east-1/p3.8xlarge/Linux', denied);
        return parts.awsContexts(options);
      },
    });
    expect(notes).toEqual([
      '2 prices could not be read (ec2/us-east-1/g5.xlarge/Linux): AWS does not allow it. ana may not perform pricing:GetProducts. bursar plan --iam-policy prints a policy that allows all it needs.',
    ]);
  });
});
