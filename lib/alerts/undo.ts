import type { AlertItem } from '../types/alert.ts';

/** Ids in one command; a command stays short enough for every channel. */
const IDS_PER_COMMAND = 40;
/** ARNs that are spelt out; beyond that they stand with the resources. */
const ARNS_SHOWN = 3;

/**
 * How to bring stopped resources back: one command a region for instances, one a notebook, and where the
 * restore record lies for what has no such command. One sentence or command a line.
 */
export function undoLines(stopped: readonly AlertItem[]): readonly string[] {
  const instances = Map.groupBy(
    stopped.filter(({ arn, id }) => INSTANCE_ARN.test(arn) && INSTANCE_ID.test(id)),
    ({ region }) => region,
  );
  const commands = [...instances].flatMap(([region, items]) =>
    chunks(items, IDS_PER_COMMAND).map(
      (some) =>
        `\`aws ec2 start-instances --region ${region} --instance-ids ${some.map(({ id }) => id).join(' ')}\``,
    ),
  );
  const startable = new Set([...instances.values()].flat());
  const others = stopped.filter((item) => !startable.has(item));
  const lines: string[] = [];
  if (commands.length > 0) {
    const they = startable.size === 1 ? 'It stays stopped until someone starts it' : startAll(others.length);
    lines.push(`${they}:`, ...commands);
  }
  if (others.length > 0) lines.push(restoreLine(others));
  return lines;
}

const INSTANCE_ARN = /^arn:[a-z-]+:ec2:[a-z0-9-]+:\d{12}:instance\//;
const INSTANCE_ID = /^i-[0-9a-f]{8,17}$/;

const startAll = (others: number): string =>
  others === 0
    ? 'They stay stopped until someone starts them'
    : 'The instances stay stopped until someone starts them';

function restoreLine(items: readonly AlertItem[]): string {
  const arns = items.map(({ arn }) => arn);
  const where =
    arns.length <= ARNS_SHOWN ? arns.map((arn) => `\`${arn}\``).join(', ') : 'the ARN of each resource';
  const names = items.length === 1 ? (items[0]?.id ?? '') : `${items.length} resources`;
  return `The restore record of ${names} is kept in the ledger under ${where}.`;
}

function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const result: T[][] = [];
  for (let at = 0; at < list.length; at += size) result.push(list.slice(at, at + size));
  return result;
}
