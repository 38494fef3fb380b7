import * as z from 'zod';
import { type ExpectForm, ExpectSchema } from './expect-schema.ts';
import { instant, type Moment, moment, span } from './moments.ts';
import { MAX_RESOURCES, type ResourceForm, ResourceSchema } from './resource-schema.ts';
import { PARSE_SCENARIO, PricesSchema, ScenarioFileSchema } from './schema.ts';
import { type StepForm, StepSchema } from './step-schema.ts';

/** An item of a list that is right in itself, and its place. */
export interface Item<Form> {
  readonly index: number;
  readonly form: Form;
}

/** The parts of a scenario that are right in themselves: a mistake in one part must not hide one in another. */
export interface Parts {
  readonly from: Date | undefined;
  readonly to: Moment | undefined;
  /** Milliseconds. */
  readonly lasts: number | undefined;
  /** Whether `to` and `for` stand there, right or wrong. */
  readonly says: { readonly to: boolean; readonly lasts: boolean };
  /** `undefined` where the mapping of prices has a mistake. */
  readonly prices: z.output<typeof PricesSchema> | undefined;
  readonly resources: readonly Item<ResourceForm>[];
  /** Of every resource, right or wrong, in the order of the file. */
  readonly names: readonly Name[];
  readonly steps: readonly Item<StepForm>[];
  readonly expect: ExpectForm | undefined;
  /** True where some key at the top is none, or nothing is a key: it may be what something else is missed for. */
  readonly strayKeys: boolean;
}

/** What resources of one entry are called. */
export interface Name {
  readonly index: number;
  readonly id: string;
  /** `undefined` = one, of that very id. */
  readonly count: number | undefined;
}

/** The ids of an entry: `chat`, or `chat-1`, `chat-2`, … */
export const idsOf = ({
  id,
  count,
}: {
  readonly id: string;
  readonly count?: number | undefined;
}): readonly string[] =>
  count === undefined ? [id] : Array.from({ length: count }, (_, index) => `${id}-${index + 1}`);

const RootSchema = z
  .record(z.string(), z.unknown())
  .catch({})
  .transform((root) => ({
    ...root,
    resources: z.array(z.unknown()).catch([]).parse(root.resources),
    steps: z.array(z.unknown()).catch([]).parse(root.steps),
  }));

const NameSchema = z.object({
  id: z.string(),
  count: z.number().int().min(1).max(MAX_RESOURCES).optional().catch(undefined),
});

const FROM = instant('from');
const TO = moment('to');
const LASTS = span('for', '5m', '366d');
const KEYS: ReadonlySet<string> = new Set(Object.keys(ScenarioFileSchema.shape));

const right = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | undefined =>
  schema.safeParse(value, PARSE_SCENARIO).data;

const rightItems = <Schema extends z.ZodType>(
  schema: Schema,
  values: readonly unknown[],
): readonly Item<z.output<Schema>>[] =>
  values.flatMap((value, index) => {
    const form = right(schema, value);
    return form === undefined ? [] : [{ index, form }];
  });

export function partsOf(file: unknown): Parts {
  const root: Readonly<Record<string, unknown>> & { resources: unknown[]; steps: unknown[] } =
    RootSchema.parse(file);
  return {
    from: right(FROM, root.from),
    to: right(TO, root.to),
    lasts: right(LASTS, root.for),
    says: { to: root.to !== undefined, lasts: root.for !== undefined },
    prices: right(PricesSchema.prefault({}), root.prices),
    resources: rightItems(ResourceSchema, root.resources),
    names: root.resources.flatMap((value, index) => {
      const named = right(NameSchema, value);
      return named === undefined ? [] : [{ index, id: named.id, count: named.count }];
    }),
    steps: rightItems(StepSchema, root.steps),
    expect: right(ExpectSchema.prefault({}), root.expect),
    strayKeys: !Object.hasOwn(root, 'version') || Object.keys(root).some((key) => !KEYS.has(key)),
  };
}
