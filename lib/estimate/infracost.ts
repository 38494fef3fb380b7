import * as z from 'zod';
import { parseUsd, type Usd } from '../types/money.ts';
import { ChangeError } from './change-error.ts';
import type { Change, ChangeItem, Place, PricePart } from './estimate.ts';

/*
 * What Infracost has reckoned of a Terraform project: `infracost breakdown --format json`, version 0.2. Its figures are
 * taken as they stand. Source: schema/infracost.schema.json of Infracost.
 */

/** A decimal text; `null` where it depends on use that nobody stated. Some tools write it as a number. */
const AmountSchema = z.union([z.string(), z.number()]).nullish();

const ComponentSchema = z.looseObject({
  name: z.string(),
  unit: z.string().optional(),
  price: AmountSchema,
  monthlyCost: AmountSchema,
});

interface InfracostPart {
  readonly name: string;
  readonly costComponents?: readonly z.infer<typeof ComponentSchema>[] | null | undefined;
  readonly subresources?: readonly InfracostPart[] | null | undefined;
}

const PartSchema: z.ZodType<InfracostPart> = z.looseObject({
  name: z.string(),
  costComponents: z.array(ComponentSchema).nullish(),
  get subresources() {
    return z.array(PartSchema).nullish();
  },
});

const CallSchema = z.looseObject({ filename: z.string().optional(), startLine: z.number().optional() });

const ResourceSchema = z.intersection(
  PartSchema,
  z.looseObject({
    resourceType: z.string().optional(),
    tags: z.record(z.string(), z.string()).nullish(),
    metadata: z
      .looseObject({
        filename: z.string().optional(),
        startLine: z.number().optional(),
        calls: z.array(CallSchema).optional().catch(undefined),
      })
      .nullish()
      .catch(undefined),
  }),
);

const BreakdownSchema = z.looseObject({
  resources: z.array(ResourceSchema),
  freeResources: z.array(z.unknown()).nullish(),
});

const SummarySchema = z
  .looseObject({
    totalNoPriceResources: z.number().nullish(),
    unsupportedResourceCounts: z.record(z.string(), z.number()).nullish(),
  })
  .nullish();

const ProjectSchema = z.looseObject({
  name: z.string(),
  metadata: z
    .looseObject({ errors: z.array(z.looseObject({ message: z.string() })).nullish() })
    .nullish()
    .catch(undefined),
  breakdown: BreakdownSchema.nullish(),
  pastBreakdown: BreakdownSchema.nullish(),
  summary: SummarySchema,
});

const InfracostSchema = z.looseObject({
  version: z.string(),
  currency: z.string().optional(),
  projects: z.array(ProjectSchema),
  summary: SummarySchema,
});

type Infracost = z.infer<typeof InfracostSchema>;
type InfracostProject = z.infer<typeof ProjectSchema>;
type InfracostResource = z.infer<typeof ResourceSchema>;

/** Whose things are where the file does not tell. */
export interface InfracostOptions {
  /** The key of the project tag. */
  readonly projectTag: string;
  /** Whose it is where no tag tells. */
  readonly defaultProject?: string;
}

const HeadSchema = z.looseObject({
  version: z.string(),
  projects: z.array(z.looseObject({ name: z.string() })),
});

/** True of what Infracost writes, of whatever version: it has projects, with what was reckoned of each. */
export function isInfracost(value: unknown): boolean {
  const read = HeadSchema.safeParse(value);
  return read.success && read.data.projects.every((one) => 'breakdown' in one || 'pastBreakdown' in one);
}

/**
 * A change as Infracost has reckoned it. What it has no price for, and what depends on use that nobody stated, is
 * unpriced and named.
 * @throws {ChangeError} of what is no such file, is in another currency than USD or of a version that is not known
 */
export function readInfracost(value: unknown, file: string, options: InfracostOptions): Change {
  const { projects, summary } = readFile(value, file);
  const isSplit = projects.some((one) => one.summary?.unsupportedResourceCounts != null);
  const unsupported = isSplit
    ? projects.flatMap((one) => unsupportedOf(one.summary, prefixOf(one, projects), file, options))
    : unsupportedOf(summary, '', file, options);
  return {
    items: [
      ...projects.flatMap((one) => [
        ...failuresOf(one, file, options),
        ...itemsOf(one, one.breakdown, projects, file, options),
      ]),
      ...unsupported,
    ],
    free: projects.reduce((sum, one) => sum + freeOf(one), 0),
  };
}

/**
 * What there was before the change, as Infracost knows it from a plan or from `--compare-to`.
 * @returns `undefined` where the file does not tell
 * @throws {ChangeError} as `readInfracost`
 */
export function readInfracostBaseline(
  value: unknown,
  file: string,
  options: InfracostOptions,
): Change | undefined {
  const { projects } = readFile(value, file);
  if (projects.every(({ pastBreakdown }) => pastBreakdown == null)) return undefined;
  return {
    items: projects.flatMap((one) => itemsOf(one, one.pastBreakdown, projects, file, options)),
    free: 0,
  };
}

function readFile(value: unknown, file: string): Infracost {
  const read = InfracostSchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    throw new ChangeError(
      `${file}: it is no output of infracost breakdown --format json${where}: ${issue?.message ?? 'it cannot be read'}`,
    );
  }
  const { version, currency = 'USD' } = read.data;
  if (!/^0\.2(?:\.|$)/.test(version)) {
    throw new ChangeError(
      `${file}: Infracost's format ${version} is not known here, but 0.2 is: write the file with infracost breakdown --format json.`,
    );
  }
  if (currency !== 'USD') {
    throw new ChangeError(
      `${file}: its amounts are in ${currency}, and budgets are in USD: run infracost configure set currency USD.`,
    );
  }
  return read.data;
}

/** Addresses are unique within a project alone. */
const prefixOf = ({ name }: InfracostProject, projects: readonly unknown[]): string =>
  projects.length > 1 ? `${name}/` : '';

function itemsOf(
  project: InfracostProject,
  breakdown: InfracostProject['breakdown'],
  projects: readonly unknown[],
  file: string,
  options: InfracostOptions,
): readonly ChangeItem[] {
  return (breakdown?.resources ?? []).map((resource) =>
    itemOf(resource, `${prefixOf(project, projects)}${resource.name}`, file, options),
  );
}

function itemOf(
  resource: InfracostResource,
  id: string,
  file: string,
  { projectTag, defaultProject }: InfracostOptions,
): ChangeItem {
  const found = linesOf(resource, '', file);
  return {
    id,
    type: resource.resourceType ?? typeOf(resource.name),
    project: resource.tags?.[projectTag] ?? defaultProject,
    place: placeOf(resource, file),
    frequency: 'month',
    parts: found.flatMap((one) => one.part ?? []),
    unpriced: found.flatMap((one) => one.unpriced ?? []),
  };
}

/** `module.app.aws_instance.web[0]` is an `aws_instance`. */
function typeOf(address: string): string {
  const own = address.replace(/^(?:module\.[^.[]+(?:\[[^\]]*\])?\.)+/, '').replace(/^data\./, '');
  return own.split('.')[0] ?? own;
}

/** The call in the project's own files that made it, rather than the module that it calls. */
function placeOf({ metadata }: InfracostResource, file: string): Place {
  const [call = metadata] = metadata?.calls ?? [];
  const written = call?.filename;
  if (written === undefined) return { file };
  const line = call?.startLine;
  return { file: written, ...(line === undefined || line < 1 ? {} : { line }) };
}

interface Line {
  readonly part?: PricePart;
  readonly unpriced?: string;
}

/** What is charged of a resource, and of what it is made of. */
function linesOf(part: InfracostPart, within: string, file: string): readonly Line[] {
  const own = (part.costComponents ?? []).map((one): Line => {
    const what = `${within}${one.name}`;
    const cost = amountOf(one.monthlyCost, what, file);
    if (cost !== undefined && cost < 0n) {
      return { unpriced: `${what} is below zero (${one.monthlyCost}), which makes room for nothing.` };
    }
    if (cost !== undefined) return { part: { per: 'stated', cost, what } };
    const price = one.price == null ? '' : ` ($${one.price} per ${one.unit ?? 'unit'})`;
    return {
      unpriced: `${what} depends on use${price}: state it in Infracost's usage file.`,
    };
  });
  return [
    ...own,
    ...(part.subresources ?? []).flatMap((one) => linesOf(one, `${within}${one.name}: `, file)),
  ];
}

function amountOf(amount: z.infer<typeof AmountSchema>, what: string, file: string): Usd | undefined {
  if (amount == null || amount === '') return undefined;
  const found = parseUsd(typeof amount === 'number' ? amount.toFixed(12) : amount);
  if (found === undefined) throw new ChangeError(`${file}: the cost of ${what} is no amount: ${amount}`);
  return found;
}

/** A project that Infracost could not read has no price as a whole. */
const failuresOf = (
  { name, metadata }: InfracostProject,
  file: string,
  { defaultProject }: InfracostOptions,
): readonly ChangeItem[] =>
  (metadata?.errors ?? []).map(({ message }, index) => ({
    ...unpricedItem(`${name}/error-${index + 1}`, 'infracost project', file, defaultProject),
    unpriced: [`Infracost could not read ${name}: ${message.split('\n')[0]}`],
  }));

const unsupportedOf = (
  summary: z.infer<typeof SummarySchema>,
  prefix: string,
  file: string,
  { defaultProject }: InfracostOptions,
): readonly ChangeItem[] =>
  Object.entries(summary?.unsupportedResourceCounts ?? {}).map(([type, count]) => ({
    ...unpricedItem(`${prefix}unsupported/${type}`, type, file, defaultProject),
    unpriced: [`${count} × ${type}: Infracost has no prices for ${count === 1 ? 'it' : 'them'}.`],
  }));

const unpricedItem = (id: string, type: string, file: string, project: string | undefined) =>
  ({ id, type, project, place: { file }, frequency: 'month', parts: [] }) as const;

const freeOf = ({ summary, breakdown }: InfracostProject): number =>
  summary?.totalNoPriceResources ?? breakdown?.freeResources?.length ?? 0;
