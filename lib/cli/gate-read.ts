import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { parseDocument } from 'yaml';
import { ChangeError } from '../estimate/change-error.ts';
import { readCdkOut } from '../estimate/cloudformation/read-cdk-out.ts';
import { readTemplate } from '../estimate/cloudformation/read-template.ts';
import type { WorldSettings } from '../estimate/cloudformation/world.ts';
import type { Change } from '../estimate/estimate.ts';
import { isInfracost, readInfracost, readInfracostBaseline } from '../estimate/infracost.ts';
import { isSageMaker, readPipelineItems, readSageMaker } from '../estimate/sagemaker.ts';
import type { UsageFile } from '../estimate/usage-file.ts';
import type { Comparable } from '../gate/compare.ts';
import { isSaved, readSaved } from '../gate/saved.ts';
import { PolicyError } from '../policy/policy-error.ts';
import { UsageError } from './io.ts';

export interface ReadOptions {
  /** Of what names none itself. */
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly usage?: UsageFile;
  /** The key of the project tag. */
  readonly projectTag: string;
}

/** What was read of some paths. */
export interface ReadPaths {
  readonly change: Change;
  /** What Infracost’s files tell of the time before; absent where none does. */
  readonly before?: Change;
  /** Estimates that were saved, priced already. */
  readonly saved: readonly Comparable[];
  /** Folders that `cdk synth` has written. */
  readonly cdkOut: readonly string[];
}

/** A larger file is no template and no definition. */
const MAX_MIB = 16;

/**
 * Reads templates, cdk.out folders, SageMaker requests, pipeline definitions, state machines, Infracost files and, as a
 * baseline, saved estimates; each is known by what is in it.
 * @throws UsageError a line for each mistake, with its file, its place and the mend
 */
export async function readPaths(
  paths: readonly string[],
  options: ReadOptions,
  { asBase = false }: { readonly asBase?: boolean } = {},
): Promise<ReadPaths> {
  const read = await Promise.all(paths.map((path) => readPath(path, options, asBase).catch(told)));
  const before = read.flatMap((one) => (one.before === undefined ? [] : [one.before]));
  return {
    change: together(read.map(({ change }) => change)),
    ...(before.length === 0 ? {} : { before: together(before) }),
    saved: read.flatMap(({ saved }) => saved),
    cdkOut: read.flatMap(({ cdkOut }) => cdkOut),
  };
}

/** Mistakes in what was read, as lines for people; what is a fault of this program stays what it is. */
function told(error: unknown): never {
  if (error instanceof PolicyError || error instanceof ChangeError) {
    throw new UsageError(error.message, { cause: error });
  }
  throw error;
}

const together = (changes: readonly Change[]): Change => ({
  items: changes.flatMap(({ items }) => items),
  free: changes.reduce((sum, { free }) => sum + free, 0),
});

const NOTHING: Change = { items: [], free: 0 };
const ofChange = (change: Change): ReadPaths => ({ change, saved: [], cdkOut: [] });

async function readPath(path: string, options: ReadOptions, asBase: boolean): Promise<ReadPaths> {
  // Places are told from the folder that the gate runs in, whichever way it was named.
  const file = relative('.', path) === '' ? path : relative('.', path);
  const found = await stat(path).catch((cause: unknown) => {
    throw new UsageError(`${path}: ${whyUnreadable(cause)}`, { cause });
  });
  const { region, parameters, usage, projectTag } = options;
  const settings: Omit<WorldSettings, 'nested'> = {
    projectTag,
    readPipeline: readPipelineItems(projectTag),
    ...(usage === undefined ? {} : { usage }),
  };
  if (found.isDirectory()) {
    if (!(await isFile(join(path, 'manifest.json')))) {
      throw new UsageError(
        `${path}: This folder has no manifest.json, so it is no output of cdk synth. Name cdk.out, or files.`,
      );
    }
    const change = await readCdkOut(file, { ...settings, region, parameters });
    return { ...ofChange(change), cdkOut: [file] };
  }
  if (found.size > MAX_MIB * 1024 * 1024) {
    throw new UsageError(`${path}: The file is larger than ${MAX_MIB} MiB. Name a template or a definition.`);
  }
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${path}: ${whyUnreadable(cause)}`, { cause });
  });
  const value = parsedOf(text);
  if (isSaved(value)) {
    if (asBase) return { ...ofChange(NOTHING), saved: readSaved(value, file) };
    throw new UsageError(
      `${path}: This is a saved estimate: it can be compared with alone. Give it by --base.`,
    );
  }
  if (isInfracost(value)) {
    const before = readInfracostBaseline(value, file, { projectTag });
    const change = readInfracost(value, file, { projectTag });
    return { ...ofChange(change), ...(before === undefined ? {} : { before }) };
  }
  if (isTemplate(value)) {
    return ofChange(
      readTemplate(text, file, { ...settings, name: stackName(file), region, parameters, nested: nestedIn }),
    );
  }
  if (isSageMaker(value)) {
    return ofChange(
      readSageMaker(value, { file, text, region, projectTag, ...(usage === undefined ? {} : { usage }) }),
    );
  }
  throw new UsageError(
    `${path}: It is nothing that the gate knows. Name a CloudFormation template, cdk.out, a SageMaker request, a pipeline definition, a state machine, or what infracost breakdown --format json writes.`,
  );
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

function whyUnreadable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  switch (code) {
    case 'ENOENT':
      return 'No such file or folder. Name a template, cdk.out or a definition of jobs.';
    case 'EACCES':
      return 'No permission to read it. Change its mode or its owner.';
    default:
      return `Cannot be read (${code}).`;
  }
}

/** To know it by: what CloudFormation’s own tags stand for does not matter. `undefined` = neither JSON nor YAML. */
function parsedOf(text: string): unknown {
  if (/^\uFEFF?\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text.replace(/^\uFEFF/, ''));
    } catch {
      // Flow mappings of YAML begin so as well.
    }
  }
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
  if (document.errors.length > 0) return looksLikeTemplate(text) ? { Resources: {} } : undefined;
  try {
    return document.toJS({ maxAliasCount: 1_000 });
  } catch {
    return undefined;
  }
}

/** One that cannot be read is told of by its reader, with line and column. */
const looksLikeTemplate = (text: string): boolean => /^\s*"?Resources"?\s*:/m.test(text);

const isTemplate = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'Resources' in value &&
  typeof value.Resources === 'object' &&
  value.Resources !== null;

/** The same on every branch: `infra/app.template.json` is `app`. */
const stackName = (file: string): string =>
  basename(file).replace(/(?:\.template)?\.(?:json|ya?ml|template)$/i, '') || 'stack';

/** The template that a nested stack names by a path beside its own. */
function nestedIn(path: string, from: string): { readonly text: string; readonly file: string } | undefined {
  if (/^[a-z]+:\/\//i.test(path)) return undefined;
  const file = join(dirname(from), path);
  try {
    return { text: readFileSync(file, 'utf8'), file };
  } catch {
    return undefined;
  }
}
