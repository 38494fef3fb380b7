import { Stack, Token } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Policy } from '../policy/policy.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { DENIED_LAUNCHES } from './denied-launches.ts';
import { SetupError } from './setup-error.ts';

/** Attached to the roles that the policy file names, while their project is frozen: they may launch nothing. */
export class LaunchDenial extends Construct {
  readonly policyArn: string;
  readonly #roles: readonly string[];

  /** @throws {SetupError} where a role is named that Bursar itself needs; those of others the policy file's check names. */
  constructor(scope: Construct, id: string, policy: Pick<Policy, 'projects'>) {
    super(scope, id);
    for (const { name, freezeRoles } of Object.values(policy.projects))
      for (const role of freezeRoles) refuseOwn(role, name, scope);
    this.#roles = rolesOf(policy);
    const { partition } = Stack.of(this);
    this.policyArn = new ManagedPolicy(this, 'Policy', {
      description: 'Bursar: attached to roles of a frozen project, which may then launch nothing',
      statements: DENIED_LAUNCHES.map(
        ({ actions, except }) =>
          new PolicyStatement({
            effect: Effect.DENY,
            actions: [...actions],
            ...(except === undefined
              ? { resources: ['*'] }
              : { notResources: except.map((resource) => `arn:${partition}:${resource}`) }),
          }),
      ),
    }).managedPolicyArn;
  }

  /** Which roles it is attached to. */
  grantLookingUp(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['iam:ListEntitiesForPolicy'], resources: [this.policyArn] }),
    );
  }

  /**
   * To attach this one policy to the named roles, whatever their path, and take it off any: one that is named no more
   * must not stay denied. Never to a role that is made under `own`, as well as by name.
   */
  grantAttaching(role: Role, own: Construct): void {
    const { partition, account } = Stack.of(role);
    const arn = (path: string): string => `arn:${partition}:iam::${account}:role/${path}`;
    const conditions = { ArnEquals: { 'iam:PolicyARN': this.policyArn } };
    role.addToPolicy(
      new PolicyStatement({
        actions: ['iam:AttachRolePolicy'],
        resources: this.#roles.flatMap((name) => [arn(name), arn(`*/${name}`)]),
        conditions,
      }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ['iam:DetachRolePolicy'], resources: [arn('*')], conditions }),
    );
    role.addToPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: ['iam:AttachRolePolicy'],
        resources: own.node.findAll().flatMap((one) => (one instanceof Role ? [one.roleArn] : [])),
      }),
    );
    const found = (path: string): string =>
      `Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/${path}`;
    acknowledgeWildcards(role, {
      ...Object.fromEntries(
        this.#roles.map((name) => [
          found(`*/${name}`),
          'The policy file names the role without its path; one managed policy alone can be attached.',
        ]),
      ),
      [found('*')]:
        'A role that is named no more must be let launch again; one policy alone can be taken off.',
    });
  }
}

/** The roles of all projects, each once. */
const rolesOf = ({ projects }: Pick<Policy, 'projects'>): readonly string[] => [
  ...new Set(Object.values(projects).flatMap(({ freezeRoles }) => freezeRoles)),
];

/** Whether the policy file names any role. */
export const namesRoles = (policy: Pick<Policy, 'projects'>): boolean => rolesOf(policy).length > 0;

/** IAM takes names for the same that differ in case alone (IAM API, `CreateRole`). */
function refuseOwn(role: string, project: string, scope: Construct): void {
  const own = ownPrefix(scope);
  if (own === undefined || !role.toLowerCase().startsWith(own.toLowerCase())) return;
  throw new SetupError(
    `freezeRoles of project ${project} names ${role}, a role that Bursar itself needs. ` +
      'Name roles that people and jobs of the project launch with.',
  );
}

/** How CloudFormation begins the names of the roles of the construct; `undefined` in a nested stack, whose name it makes up. */
function ownPrefix(scope: Construct): string | undefined {
  const stack = Stack.of(scope);
  if (Token.isUnresolved(stack.stackName)) return undefined;
  const path = scope.node.path.slice(stack.node.path.length);
  return `${stack.stackName}-${path.replaceAll(/[^A-Za-z0-9]/g, '')}`;
}
