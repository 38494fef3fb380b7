import { Command } from 'commander';
import { policyJsonSchemaText } from '../policy/json-schema.ts';
import { EXIT } from './io.ts';
import type { MakeCommand } from './run.ts';

/** `bursar schema`: the JSON Schema of the policy file, for editors. */
export const schemaCommand: MakeCommand = (io, done) =>
  new Command('schema').description('print the JSON Schema of the policy file, for editors').action(() => {
    io.out(policyJsonSchemaText().trimEnd());
    done(EXIT.ok);
  });
