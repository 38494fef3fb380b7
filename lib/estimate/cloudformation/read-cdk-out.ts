import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { PolicyError } from '../../policy/policy-error.ts';
import type { Change } from '../estimate.ts';
import { addStack, readWorld } from './read-template.ts';
import { textValue } from './value.ts';
import { type NestedTemplate, World, type WorldSettings } from './world.ts';

/** What the output of `cdk synth` is read with. */
export interface CdkOptions extends Omit<WorldSettings, 'nested'> {
  /** Of stacks that name none. */
  readonly region: string;
  /** Of stacks that name none; absent: what depends on it is not known. */
  readonly account?: string;
  /** Stated parameters, by name; `Stack:Name` for one stack alone. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What counts of a manifest (`@aws-cdk/cloud-assembly-schema`, `AssemblyManifest`). */
const ManifestSchema = z.object({
  artifacts: z
    .record(
      z.string(),
      z.object({
        type: z.string(),
        environment: z.string().optional(),
        displayName: z.string().optional(),
        properties: z
          .object({
            templateFile: z.string().optional(),
            stackName: z.string().optional(),
            directoryName: z.string().optional(),
            parameters: z.record(z.string(), z.string()).optional(),
            tags: z.record(z.string(), z.string()).optional(),
          })
          .optional(),
      }),
    )
    .default({}),
});

type Artifact = z.output<typeof ManifestSchema>['artifacts'][string];

/** Stages may hold stages; nobody nests them deeper. */
const MAX_DEPTH = 10;

/**
 * Reads the output of `cdk synth`: every stack of every stage, with the region, the account and the tags that the
 * manifest has for it. Ids are `Stack/LogicalId`, where the stack goes by its path in the app (`Prod/Data`): both are
 * the same on every branch as long as nobody renames a construct.
 * @param directory the folder with `manifest.json`, as places name it
 * @throws {PolicyError} where it is no output of `cdk synth`, or a template in it is none
 */
export async function readCdkOut(directory: string, options: CdkOptions): Promise<Change> {
  const world = new World({ ...options, nested: nestedTemplate });
  const count = await addAssembly(directory, options, world, 0);
  if (count === 0) {
    throw mistake(join(directory, 'manifest.json'), 'It has no stacks. Run `cdk synth` with all of them.');
  }
  return readWorld(world);
}

async function addAssembly(
  directory: string,
  options: CdkOptions,
  world: World,
  depth: number,
): Promise<number> {
  const { artifacts } = await readManifest(directory);
  let count = 0;
  for (const [id, artifact] of Object.entries(artifacts)) {
    const { type, properties = {} } = artifact;
    if (type === 'cdk:cloud-assembly' && properties.directoryName !== undefined && depth < MAX_DEPTH) {
      count += await addAssembly(join(directory, properties.directoryName), options, world, depth + 1);
    } else if (type === 'aws:cloudformation:stack' && properties.templateFile !== undefined) {
      const file = join(directory, properties.templateFile);
      addArtifact(id, artifact, await readText(file), file, options, world);
      count += 1;
    }
  }
  return count;
}

function addArtifact(
  artifactId: string,
  { environment, displayName, properties = {} }: Artifact,
  text: string,
  file: string,
  options: CdkOptions,
  world: World,
): void {
  // `Prod/Data (Prod-Data)` where the stack has a name of its own.
  const id = displayName?.replace(/ \(.*\)$/, '') ?? artifactId;
  const name = properties.stackName ?? artifactId;
  const [, account, region] = /^aws:\/\/([^/]*)\/(.*)$/.exec(environment ?? '') ?? [];
  const named = (text: string | undefined): string | undefined =>
    text === undefined || text === '' || text.startsWith('unknown-') ? undefined : text;
  const known = named(account) ?? options.account;
  addStack(world, text, file, {
    id,
    name,
    region: named(region) ?? options.region,
    ...(known === undefined ? {} : { account: known }),
    parameters: new Map(
      Object.entries({
        ...properties.parameters,
        ...statedFor([id, name, artifactId], options.parameters),
      }).map(([parameter, value]) => [parameter, textValue(value)]),
    ),
    tags: new Map(Object.entries(properties.tags ?? {})),
  });
}

/** Stated parameters for one stack: those for all, then those that name it. */
function statedFor(
  names: readonly string[],
  stated: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  const own: [string, string][] = [];
  for (const [name, value] of Object.entries(stated)) {
    const colon = name.lastIndexOf(':');
    if (colon < 0) found.push([name, value]);
    else if (names.includes(name.slice(0, colon))) own.push([name.slice(colon + 1), value]);
  }
  return Object.fromEntries([...found, ...own]);
}

async function readManifest(directory: string): Promise<z.output<typeof ManifestSchema>> {
  const file = join(directory, 'manifest.json');
  let value: unknown;
  try {
    value = JSON.parse(await readText(file));
  } catch (cause) {
    if (cause instanceof PolicyError) throw cause;
    throw mistake(file, 'Not valid JSON. Run `cdk synth` again.');
  }
  const manifest = ManifestSchema.safeParse(value);
  if (manifest.data === undefined) throw mistake(file, 'Not a manifest of the CDK. Run `cdk synth` again.');
  return manifest.data;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw mistake(file, 'Cannot be read. Run `cdk synth`, and name the folder that it writes.');
  }
}

/** The CDK puts the template of a nested stack beside the one that names it. */
function nestedTemplate(path: string, from: string): NestedTemplate | undefined {
  const file = isAbsolute(path) ? path : join(dirname(from), path);
  try {
    return { text: readFileSync(file, 'utf8'), file };
  } catch {
    return undefined;
  }
}

const mistake = (file: string, message: string): PolicyError =>
  new PolicyError(file, [{ line: 1, col: 1, message }]);
