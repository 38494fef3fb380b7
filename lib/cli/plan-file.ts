import { readFile } from 'node:fs/promises';
import { type ApprovedPlan, ApprovedPlanSchema } from '../people/request.ts';
import { listsFromJson, planHashOf } from '../plan/hash.ts';
import { UsageError } from './io.ts';

/** Lambda takes 6 MB a call (its quota of synchronous invocations); this leaves room for who asks and why. */
const MAX_BYTES = 5_900_000;

/**
 * What is approved of a plan, read from the JSON that `bursar plan --json` wrote.
 * @param hash what was reviewed
 * @throws {UsageError} where the file is no plan, or one of another hash, or lists more than can be sent
 */
export async function readPlanFile(file: string, hash: string): Promise<ApprovedPlan> {
  const refuse = (why: string, cause?: unknown) => new UsageError(`${file}: ${why}`, { cause });
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw refuse(
      code === 'ENOENT'
        ? 'No such file. Make it by bursar plan --json > plan.json.'
        : `Cannot be read (${code}).`,
      cause,
    );
  });
  const parsed = ApprovedPlanSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where =
      issue === undefined ? '' : ` (${issue.path.join('.') || 'the whole file'}: ${issue.message})`;
    throw refuse(`This is no plan${where}. Make one by bursar plan --json > plan.json.`, parsed.error);
  }
  const { data: plan } = parsed;
  if (planHashOf(plan.policyHash, listsFromJson(plan.lists)) !== plan.hash) {
    throw refuse('Its lists do not come to its hash: it was changed since it was made. Plan again.');
  }
  if (plan.hash !== hash) {
    throw refuse(`It is the plan ${plan.hash}, not ${hash}. Name the file of the plan that you reviewed.`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(plan));
  if (bytes > MAX_BYTES) {
    throw refuse(
      `Its lists are ${(bytes / 1e6).toFixed(1)} MB, and Lambda takes no more than ${MAX_BYTES / 1e6} MB at once. Let fewer policies stop things, or narrow scope.regions in the policy file.`,
    );
  }
  return plan;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
