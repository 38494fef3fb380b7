import { Command } from 'commander';
import { EXIT } from './io.ts';
import type { MakeCommand } from './run.ts';

/** `bursar schema`: the JSON Schema of the policy file or of a scenario, for editors. */
export const schemaCommand: MakeCommand = (io, done) =>
  new Command('schema')
    .description('print the JSON Schema of the policy file, or of scenarios, for editors')
    .option('--scenario', 'that of a scenario for bursar simulate instead')
    .addHelpText(
      'after',
      '\nExamples:\n  $ bursar schema > bursar.schema.json\n  $ bursar schema --scenario > bursar-scenario.schema.json',
    )
    .action(async ({ scenario = false }: { readonly scenario?: boolean }) => {
      io.out((scenario ? await scenarioText() : await policyText()).trimEnd());
      done(EXIT.ok);
    });

const policyText = async (): Promise<string> =>
  (await import('../policy/json-schema.ts')).policyJsonSchemaText();

const scenarioText = async (): Promise<string> =>
  (await import('../simulate/scenario-file/json-schema.ts')).scenarioJsonSchemaText();
