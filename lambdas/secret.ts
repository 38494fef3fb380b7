import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PATIENCE } from '../lib/fleet/patience.ts';
import type { Tools } from './lambda.ts';

/** How long a secret is believed, in milliseconds: one that was replaced is used within five minutes. */
const FRESH_MS = 300_000;

/** Reads a secret's text, and again when it is older than `freshMs` by the machine's clock. */
export function secretReader(
  SecretId: string,
  { tracer }: Pick<Tools, 'tracer'>,
  freshMs: number = FRESH_MS,
): () => Promise<string> {
  const secrets = tracer.captureAWSv3Client(new SecretsManagerClient({ ...PATIENCE }));
  let known: { readonly text: string; readonly until: number } | undefined;
  return async () => {
    if (known !== undefined && Date.now() < known.until) return known.text;
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    if (SecretString === undefined) throw new Error(`Secret ${SecretId} holds no text.`);
    known = { text: SecretString, until: Date.now() + freshMs };
    return SecretString;
  };
}
