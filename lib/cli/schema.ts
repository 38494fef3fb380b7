import { Command } from 'commander';
import { EXIT } from './io.ts';
import type { MakeCommand } from './run.ts';

/** `bursar schema`: the JSON Schema of the policy file, for editors. */
export const schemaCommand: MakeCommand = (io, done) =>
  new Command('schema')
    .description('print the JSON Schema of the policy file, for editors')
    .addHelpText('after', '\nExample:\n  $ bursar schema > bursar.schema.json')
    .action(async () => {
      const { policyJsonSchemaText } = await import('../policy/json-schema.ts');
      io.out(policyJsonSchemaText().trimEnd());
      done(EXIT.ok);
    });
