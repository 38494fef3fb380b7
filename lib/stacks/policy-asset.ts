import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { parsePolicy } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';
import { SetupError } from './setup-error.ts';

/**
 * Reads and checks a policy file at synth, so that a mistake stops the deployment and never reaches it.
 * @throws {PolicyError} with the line and column of each mistake
 * @throws {SetupError} where there is no such file, or it cannot be read
 */
export const readPolicy = (policyFile: string): Policy =>
  parsePolicy(readText(policyFile), basename(policyFile));

function readText(policyFile: string): string {
  try {
    return readFileSync(policyFile, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SetupError(`The policy file cannot be read: ${why}`, { cause });
  }
}

/** The policy as the Lambdas get it: an S3 object whose key changes with its content, so that a new policy is deployed without new code. */
export class PolicyAsset {
  readonly #asset: Asset;

  constructor(scope: Construct, policyFile: string) {
    this.#asset = new Asset(scope, 'Policy', { path: policyFile });
  }

  /** What a handler needs to find it. */
  get environment(): { readonly POLICY_BUCKET: string; readonly POLICY_KEY: string } {
    return { POLICY_BUCKET: this.#asset.s3BucketName, POLICY_KEY: this.#asset.s3ObjectKey };
  }

  /** This one object alone, not the bucket that it shares with other assets. */
  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ['s3:GetObject'],
      resourceArns: [this.#asset.bucket.arnForObjects(this.#asset.s3ObjectKey)],
    });
  }
}
