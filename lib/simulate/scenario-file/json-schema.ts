import { jsonSchemaOf } from '../../policy/json-schema.ts';
import { ScenarioFileSchema } from './schema.ts';

/** The JSON Schema of a scenario; the policy’s is part of it. */
export const scenarioJsonSchema = (): object => jsonSchemaOf(ScenarioFileSchema);

/** The text of `bursar-scenario.schema.json`. */
export const scenarioJsonSchemaText = (): string => `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
