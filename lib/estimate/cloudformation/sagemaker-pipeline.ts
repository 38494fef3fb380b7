import { definitionOf, itemsOf } from './definitions.ts';
import type { Fields } from './fields.ts';
import { NotKnown } from './not-known.ts';
import { NO_COSTS } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** A pipeline costs by the jobs that its definition starts. */
export const sagemakerPipeline: TypeReader = {
  types: ['AWS::SageMaker::Pipeline'],
  read: (resource) => {
    // All of its steps together.
    if (resource.stated.monthly !== undefined) return [resource.item(NO_COSTS)];
    const definition: Fields = resource.properties.fields('PipelineDefinition');
    if (definition.has('PipelineDefinitionS3Location')) {
      throw new NotKnown('Its definition is in Amazon S3: give the file to the gate by itself.');
    }
    return itemsOf(resource, 'pipeline', definitionOf(definition, 'PipelineDefinitionBody'));
  },
};
