import {
  AttachRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
  ListEntitiesForPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../types/clock.ts';
import type { Outcome } from '../types/outcome.ts';
import { errorCode, errorMessage, failure } from './aws-errors.ts';
import { allPages } from './pages.ts';

/**
 * Denies launches to IAM roles by one managed policy, which is attached to a role and taken off it again. What IAM
 * changes is in force everywhere some seconds later.
 */
export interface LaunchDenial {
  readonly policyArn: string;
  /** Names of the roles that the policy is attached to. Throws where IAM cannot be asked. */
  readonly deniedRoles: () => Promise<ReadonlySet<string>>;
  /** Lets a role launch nothing. Safe to repeat, never throws. */
  readonly deny: (role: string) => Promise<Outcome>;
  /** Lets it launch again; `skipped` where it was not denied. Safe to repeat, never throws. */
  readonly allow: (role: string) => Promise<Outcome>;
}

/** `createLaunchDenial` needs these. STS says whose role this process has; it needs no permission for that. */
export interface LaunchDenialOptions {
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly policyArn: string;
  readonly now: Clock;
}

export function createLaunchDenial({ iam, sts, policyArn, now }: LaunchDenialOptions): LaunchDenial {
  let own: string | undefined;
  const ownRole = async (): Promise<string> => {
    own ??= roleOf((await sts.send(new GetCallerIdentityCommand({}))).Arn);
    return own;
  };
  const failed = (code: string, detail: string): Outcome => ({
    status: 'failed',
    at: now(),
    code,
    detail,
    retry: false,
  });

  return {
    policyArn,

    deniedRoles: async () => {
      const roles = await allPages(async (Marker) => {
        const page = await iam.send(
          new ListEntitiesForPolicyCommand({ PolicyArn: policyArn, EntityFilter: 'Role', Marker }),
        );
        return { items: page.PolicyRoles, next: page.IsTruncated === true ? page.Marker : undefined };
      });
      return new Set(roles.flatMap(({ RoleName: name }) => name ?? []));
    },

    deny: async (role) => {
      try {
        const why = await whyNever(role, ownRole);
        if (why !== undefined) return failed('RoleNotDeniable', why);
        // Attaching what is attached already is no error (unverified on AWS; both emulators take it).
        await iam.send(new AttachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn }));
        return { status: 'taken', at: now(), detail: `Role ${role} may launch nothing.` };
      } catch (error) {
        switch (errorCode(error)) {
          case 'LimitExceededException':
            return failed(
              errorCode(error),
              `It has as many policies as IAM allows (10, unless raised): ${errorMessage(error)}`,
            );
          case 'NoSuchEntityException':
            return failed(
              errorCode(error),
              `There is no such role, or the policy is gone: ${errorMessage(error)}`,
            );
          default:
            return failure(error, now());
        }
      }
    },

    allow: async (role) => {
      try {
        await iam.send(new DetachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn }));
        return { status: 'taken', at: now(), detail: `Role ${role} may launch again.` };
      } catch (error) {
        // The role is gone, or the policy was not attached to it.
        return errorCode(error) === 'NoSuchEntityException'
          ? {
              status: 'skipped',
              at: now(),
              code: 'NotDenied',
              detail: `Role ${role} was not denied launches.`,
            }
          : failure(error, now());
      }
    },
  };
}

/** Roles of AWS's services (IAM lets nobody change those) and of the CDK, which deploys everything. */
const NEVER = /^(?:AWSServiceRole|cdk-)/i;

/**
 * Why a role is never denied launches. The stack denies its enforcer to touch any role of its own by IAM as well: this
 * says so before it is tried.
 */
async function whyNever(role: string, ownRole: () => Promise<string>): Promise<string | undefined> {
  if (NEVER.test(role)) return 'AWS or the CDK needs this role: take it out of freezeRoles.';
  return role === (await ownRole())
    ? 'Bursar itself needs this role: take it out of freezeRoles.'
    : undefined;
}

/** `enforcer` of `arn:aws:sts::111122223333:assumed-role/enforcer/session`; empty where the caller has no role. */
const roleOf = (arn: string | undefined): string =>
  /^arn:[^:]+:sts::\d+:assumed-role\/(?<role>[^/]+)\//.exec(arn ?? '')?.groups?.role ?? '';
