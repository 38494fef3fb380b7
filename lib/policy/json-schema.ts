import * as z from 'zod';
import { PolicyFileSchema } from './schema.ts';

/** The JSON Schema (2020-12) of a file as people write it, for completion and checks in editors. */
export const jsonSchemaOf = (schema: z.ZodType): object =>
  z.toJSONSchema(schema, {
    io: 'input',
    // By itself zod leaves out the examples of what it transforms; here all of them are as one writes them.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });

/** The JSON Schema of `bursar.yaml`. */
export const policyJsonSchema = (): object => jsonSchemaOf(PolicyFileSchema);

/** The text of `bursar.schema.json`. */
export const policyJsonSchemaText = (): string => `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
