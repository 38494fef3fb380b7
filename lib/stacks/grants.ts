import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { meteredKinds } from '../fleet/metered-kinds.ts';
import { kinds } from '../fleet/registry.ts';
import { LEDGER_TABLE, REPORT_LINK } from '../ledger/table.ts';
import type { Policy } from '../policy/policy.ts';
import type { CommonEnvironment, GateEnvironment, SweepEnvironment } from '../types/environment.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { creatorTags } from './creator-tags.ts';
import type { Handler } from './handler.ts';
import { grantPermissions } from './permissions.ts';
import type { PolicyAsset } from './policy-asset.ts';
import type { WorkQueue } from './work-queue.ts';

export interface GrantsProps {
  readonly policy: Policy;
  readonly asset: PolicyAsset;
  readonly ledger: Table;
  readonly key: Key;
  readonly commands: WorkQueue;
}

/** What the handlers share, as grants of one thing each, so that a role gets what its handler does and no more. */
export class Grants {
  readonly #parts: GrantsProps;

  constructor(parts: GrantsProps) {
    this.#parts = parts;
  }

  /** What the ledger does with its table: it never scans. */
  ledger(role: Role): void {
    const { ledger, key } = this.#parts;
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:Query',
        ],
        resources: [ledger.tableArn, `${ledger.tableArn}/index/${LEDGER_TABLE.projectIndex.name}`],
      }),
    );
    key.grantEncryptDecrypt(role);
    // DynamoDB asks for it as well of whoever uses a table under a customer managed key.
    key.grant(role, 'kms:DescribeKey');
  }

  /** To look up links to reports by their tokens; no other item of the ledger, and the key for nothing else. */
  lookingUpLinks(role: Role): void {
    const { ledger, key } = this.#parts;
    const { region, urlSuffix } = Stack.of(role);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['dynamodb:GetItem'],
        resources: [ledger.tableArn],
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': `${REPORT_LINK}#*` } },
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:DescribeKey'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` } },
      }),
    );
  }

  /** To see the fleet with its prices, by the policy, and to remember. */
  reading(handler: Handler<CommonEnvironment>): void {
    const { asset, policy } = this.#parts;
    asset.grantRead(handler);
    this.ledger(handler.role);
    for (const { permissions } of kinds) grantPermissions(handler.role, permissions.observe, policy);
    handler.addToRolePolicy(new PolicyStatement({ actions: ['pricing:GetProducts'], resources: ['*'] }));
  }

  /** To answer by the policy, the ledger and the price list alone. */
  asking(handler: Handler<GateEnvironment>): void {
    this.#parts.asset.grantRead(handler);
    this.ledger(handler.role);
    handler.addToRolePolicy(new PolicyStatement({ actions: ['pricing:GetProducts'], resources: ['*'] }));
  }

  /** What a handler that decides needs: to see the fleet, and to queue what it decided. */
  deciding(handler: Handler<Pick<SweepEnvironment, keyof CommonEnvironment | 'COMMANDS_QUEUE_URL'>>): void {
    this.reading(handler);
    this.#parts.commands.queue.grantSendMessages(handler);
  }

  /** To see what costs money and is never stopped. */
  metering(role: Role): void {
    for (const { permissions } of meteredKinds)
      grantPermissions(role, permissions.observe, this.#parts.policy);
  }

  /** What AWS has billed; and who made what nobody has tagged, which no event told. Neither takes a resource. */
  lookingUp(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['ce:GetCostAndUsage', 'cloudtrail:LookupEvents'], resources: ['*'] }),
    );
  }

  /** What each budget is and has spent; both handlers that decide ask it. */
  viewingBudgets(role: Role): void {
    const { partition, account } = Stack.of(role);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['budgets:ViewBudget'],
        resources: [`arn:${partition}:budgets::${account}:budget/*`],
      }),
    );
    acknowledgeWildcards(role, {
      'Resource::arn:<AWS::Partition>:budgets::<AWS::AccountId>:budget/*':
        'Budgets may be made by hand; this only reads.',
    });
  }

  /** See `grantActing`. */
  acting(role: Role): void {
    grantActing(role, this.#parts.policy);
  }
}

/**
 * To stop what carries the project tag and bring it back, and to tag what has no project with its creator. Where the
 * policy stops that too, it must carry the creator tag: nothing is stopped that carries neither.
 */
export function grantActing(role: Role, policy: Pick<Policy, 'tags' | 'policies' | 'untagged'>): void {
  const { project, creator } = policy.tags;
  const acts = kinds.flatMap(({ permissions }) => permissions.act);
  grantPermissions(role, acts, policy);
  grantPermissions(role, creatorTags(creator), policy);
  if (policy.untagged.do !== 'stop') return;
  const safe = acts.filter(
    ({ taggedOnly, requestTagged, consent }) =>
      (taggedOnly || requestTagged === true) && consent === undefined,
  );
  grantPermissions(role, safe, policy, { has: creator, lacks: project });
}
