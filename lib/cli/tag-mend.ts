/** By which action each service lets its resources be tagged, beside `tag:TagResources`. */
export const TAG_ACTIONS: Readonly<Record<string, string>> = {
  ec2: 'ec2:CreateTags',
  sagemaker: 'sagemaker:AddTags',
  rds: 'rds:AddTagsToResource',
  autoscaling: 'autoscaling:CreateOrUpdateTags',
  elasticloadbalancing: 'elasticloadbalancing:AddTags',
};

const CREDENTIALS: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
]);

/** True of an error that every further call would meet too, by its name in the AWS SDK and APIs. */
export const credentialsFailed = (code: string): boolean => CREDENTIALS.has(code);

/** What went wrong with one resource and how to mend it: whole sentences. Names of errors are those of AWS. */
export function tagMend(
  arn: string,
  { code, detail }: { readonly code: string; readonly detail: string },
): string {
  const said = detail === '' || /[.!?]$/.test(detail) ? detail : `${detail}.`;
  const mend = mendOf(arn, code);
  return [`${code}:`, said, mend].filter((part) => part !== '').join(' ');
}

function mendOf(arn: string, code: string): string {
  if (credentialsFailed(code)) return 'Sign in again, then run this once more.';
  if (/^(?:AccessDenied|Unauthorized|NotAuthorized|AuthFailure)/.test(code)) {
    const action = TAG_ACTIONS[arn.split(':')[2] ?? ''];
    return `You need tag:TagResources and ${action ?? 'the permission by which its service tags'}; have them granted to you.`;
  }
  if (/^(?:TagPolicy|ConstraintViolation)/.test(code)) {
    return 'A tag policy of your organization may not allow the value: allow it there, or change the policy file.';
  }
  if (/^(?:TooManyTags|TagLimit|LimitExceeded|ResourceLimitExceeded)/.test(code)) {
    return 'A resource has at most 50 tags: remove one of them, then run this once more.';
  }
  if (/(?:NotFound|DoesNotExist|InvalidParameter)/.test(code)) {
    return 'It may be gone: bursar tag shows what is there.';
  }
  if (code === 'InternalServiceException') {
    return 'Run it once more; a service that the tagging API does not know is tagged by its own command.';
  }
  return /Thrott|LimitExceeded|Timeout/.test(code)
    ? 'Wait a minute, then run this once more.'
    : 'Mend that, then run this once more.';
}
