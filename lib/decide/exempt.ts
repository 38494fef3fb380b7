import type { Policy } from '../policy/policy.ts';
import type { Resource } from '../types/resource.ts';

/**
 * Why a resource must not be stopped, whatever its policy says; `undefined` where nothing protects it.
 * A `keepUntil` tag that cannot be read protects as well: a typing mistake must not cost anyone their work.
 */
export function exemption(resource: Resource, policy: Policy, now: Date): string | undefined {
  const [protection] = resource.protections;
  if (protection !== undefined) return protection.detail;
  const key = policy.tags.keepUntil;
  const value = Object.hasOwn(resource.tags, key) ? resource.tags[key] : undefined;
  if (value === undefined) return undefined;
  const until = parseTime(value);
  if (until === undefined) {
    return `Tag ${key} is "${value}", which is not a time such as 2026-12-01T09:00:00Z; kept until it is mended.`;
  }
  return until > now ? `Kept until ${until.toISOString()} by its tag ${key}.` : undefined;
}

/** An ISO 8601 date (the end of that day, UTC) or a time with its offset. */
function parseTime(text: string): Date | undefined {
  const value = text.trim();
  const iso = /^\d{4}-\d{2}-\d{2}$/.test(value)
    ? `${value}T23:59:59.999Z`
    : /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/.test(value)
      ? value
      : undefined;
  if (iso === undefined) return undefined;
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
