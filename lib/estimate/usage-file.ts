import * as z from 'zod';
import { choice, mapping, wholeNumber } from '../policy/fields.ts';
import { FORMS, moneyMend, toUsd } from '../policy/forms.ts';
import { problemsOf } from '../policy/issues.ts';
import { PolicyError, type Problem } from '../policy/policy-error.ts';
import { readYaml, type Source } from '../policy/source.ts';
import { wrong } from '../policy/words.ts';
import type { InstanceNeeds } from '../types/gate.ts';
import type { Usd } from '../types/money.ts';

/** Where stated usage is looked for unless told otherwise. */
export const DEFAULT_USAGE_FILE = 'bursar-usage.yaml';

/** What people state of a resource that no template tells. */
export interface StatedUsage {
  /** Hours that each instance of it runs in a month; absent = all of them, 730. */
  readonly hours?: number;
  /** Requests or invocations in a month. */
  readonly requests?: number;
  /** How long one takes on average, in milliseconds. */
  readonly durationMs?: number;
  /** GB that go through it in a month. */
  readonly dataGb?: number;
  /** GB that it stores. */
  readonly storageGb?: number;
  /** Capacity units of a load balancer that are in use on average. */
  readonly lcus?: number;
  /** How often a job runs in a month. */
  readonly runsPerMonth?: number;
  /** Hours that a job runs at most. */
  readonly maxHours?: number;
  /** True where its work may be broken off and begun again: it may then run on Spot. */
  readonly interruptible?: boolean;
  /** What its instances run, where the image does not tell. */
  readonly system?: 'linux' | 'windows' | 'rhel' | 'suse';
  /** USD a month of it all, in place of every price: for what has none. */
  readonly monthly?: Usd;
  readonly needs?: InstanceNeeds;
}

/** Stated usage by the name of a resource: its logical id, its CDK path or the id of its item. */
export interface UsageFile {
  readonly resources: ReadonlyMap<string, StatedUsage>;
}

const NONE: StatedUsage = {};

/** A larger file is refused unread, so that no input takes long. */
const MAX_KIB = 1024;

/** Least to most of a figure; decimals allowed. */
const figure = (name: string, least: number, most: number) => {
  const error = wrong(name, 'a number in range', `Write a number from ${least} to ${most}.`);
  return z.number({ error }).min(least, { error }).max(most, { error });
};

const MEMORY = /^\d{1,6}(?:\.\d{1,3})? GiB$/;

/** How to write an amount of memory that was written in another way: `16GB` → `16 GiB`. */
function memoryMend(input: unknown): string {
  const text = typeof input === 'string' || typeof input === 'number' ? String(input).trim() : '';
  const [, digits] = /^(\d{1,6}(?:\.\d{1,3})?)\s*(?:gi?b?)?$/i.exec(text) ?? [];
  return digits === undefined ? 'Write an amount such as 16 GiB.' : `Write ${digits} GiB.`;
}

/** Output in GiB. */
const memory = (name: string) => {
  const error = wrong(name, 'an amount of memory', memoryMend);
  return z
    .string({ error })
    .regex(MEMORY, { error })
    .transform((text) => Number(text.replace(' GiB', '')));
};

const YES_NO = 'Write true or false.';

/** Every key absent where it was not stated, never `undefined`. */
function withoutGaps<T extends object>(value: T): { readonly [K in keyof T]: Exclude<T[K], undefined> };
function withoutGaps(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

const NeedsSchema = mapping('`needs`', {
  vcpu: wholeNumber('vcpu', 1, 1_000).optional(),
  memory: memory('memory').optional(),
  gpu: wholeNumber('gpu', 0, 100).optional(),
  gpuMemory: memory('gpuMemory').optional(),
}).transform(
  ({ vcpu, memory: memoryGiB, gpu: gpus, gpuMemory: gpuMemoryGiB }): InstanceNeeds => ({
    ...(vcpu === undefined ? {} : { vcpu }),
    ...(memoryGiB === undefined ? {} : { memoryGiB }),
    ...(gpus === undefined ? {} : { gpus }),
    ...(gpuMemoryGiB === undefined ? {} : { gpuMemoryGiB }),
  }),
);

const SYSTEMS = ['linux', 'windows', 'rhel', 'suse'] as const;

/** What may be stated of one resource: an entry of the usage file, and `Metadata: { Bursar: … }` of a template. */
export const StatedUsageSchema = mapping('What is stated of a resource', {
  hours: figure('hours', 0, 744).optional(),
  requests: figure('requests', 0, 1e13).optional(),
  durationMs: figure('durationMs', 0, 1e9).optional(),
  dataGb: figure('dataGb', 0, 1e9).optional(),
  storageGb: figure('storageGb', 0, 1e9).optional(),
  lcus: figure('lcus', 0, 1e6).optional(),
  runsPerMonth: figure('runsPerMonth', 0, 1e6).optional(),
  maxHours: figure('maxHours', 0, 10_000).optional(),
  interruptible: z.boolean({ error: wrong('interruptible', 'true or false', YES_NO) }).optional(),
  system: choice('system', 'a system', SYSTEMS).optional(),
  monthly: z
    .string({ error: wrong('monthly', 'an amount', moneyMend) })
    .regex(FORMS.money, { error: wrong('monthly', 'an amount', moneyMend) })
    .transform(toUsd)
    .optional(),
  needs: NeedsSchema.optional(),
}).transform((stated): StatedUsage => withoutGaps(stated));

const VERSION_MEND = 'Write version: 1.';

const UsageFileSchema = mapping('The file', {
  version: z.literal(1, { error: wrong('version', 'a version that is known', VERSION_MEND) }),
  resources: z.record(z.string(), StatedUsageSchema, {
    error: wrong('resources', 'a mapping', 'Name resources by their logical ids, each with what is stated.'),
  }),
});

/**
 * Reads and checks a file of stated usage.
 * @param file the file's name, for messages alone
 * @throws {PolicyError} with every mistake and its place; never anything else
 */
export function parseUsage(text: string, file: string): UsageFile {
  const refuse = (message: string): PolicyError => new PolicyError(file, [{ line: 1, col: 1, message }]);
  if (text.length > MAX_KIB * 1024) {
    throw refuse(`The file is larger than ${MAX_KIB} KiB. Is it the usage file? Name the right one.`);
  }
  const source = readYaml(text);
  if (!source.complete) throw new PolicyError(file, source.problems);
  if (source.value === undefined || source.value === null) {
    throw refuse('The file is empty. Start it with version: 1, then add `resources`.');
  }
  const result = UsageFileSchema.safeParse(source.value, { reportInput: true });
  const problems = [...source.problems, ...problemsOf(result.error?.issues ?? [], source)];
  if (result.data === undefined || problems.length > 0) throw new PolicyError(file, problems);
  return { resources: new Map(Object.entries(result.data.resources)) };
}

/**
 * Checks what is stated of one resource somewhere else than in a usage file.
 * @param source where its mistakes are told, by their paths from the value
 */
export function readStated(
  value: unknown,
  source: Source,
): { readonly stated: StatedUsage; readonly problems: readonly Problem[] } {
  const result = StatedUsageSchema.safeParse(value, { reportInput: true });
  return { stated: result.data ?? NONE, problems: problemsOf(result.error?.issues ?? [], source) };
}

/** What is stated of a thing that goes by several names, the most general first; of two the later counts, key by key. */
export function statedUsage(
  usage: UsageFile | undefined,
  names: readonly string[],
  base: StatedUsage = NONE,
): StatedUsage {
  let stated = base;
  for (const name of names) stated = { ...stated, ...usage?.resources.get(name) };
  return stated;
}

/** Usage that remembers which of its names something has asked for. */
class Asked extends Map<string, StatedUsage> {
  readonly names = new Set<string>();

  override get(name: string): StatedUsage | undefined {
    this.names.add(name);
    return super.get(name);
  }
}

/**
 * The same usage, to be read with; after that, the names that nothing in what was read goes by, or that cost nothing:
 * most are misspelt.
 */
export function watched(usage: UsageFile): {
  readonly usage: UsageFile;
  readonly unused: () => readonly string[];
} {
  const resources = new Asked(usage.resources);
  return {
    usage: { resources },
    unused: () => [...usage.resources.keys()].filter((name) => !resources.names.has(name)),
  };
}
