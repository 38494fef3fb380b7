import type { ChangeItem } from '../estimate.ts';
import { definitionOf, itemsOf } from './definitions.ts';
import { NotKnown } from './not-known.ts';
import { type TemplateResource, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

const TRANSITIONS = 'State transitions are charged by use. State what they cost: monthly: 5 USD.';

/**
 * A state machine is charged by its transitions; what its states start is an item of its own each,
 * `Stack/StateMachine/State`.
 */
export const stateMachine: TypeReader = {
  types: ['AWS::StepFunctions::StateMachine', 'AWS::Serverless::StateMachine'],
  read: (resource) => {
    try {
      return [resource.item(unpriced(TRANSITIONS)), ...statesOf(resource)];
    } catch (error) {
      if (!(error instanceof NotKnown)) throw error;
      return [resource.item(unpriced(error.message, TRANSITIONS))];
    }
  },
};

function statesOf(resource: TemplateResource): readonly ChangeItem[] {
  const { properties } = resource;
  const name = properties.has('DefinitionString') ? 'DefinitionString' : 'Definition';
  return itemsOf(resource, 'states', definitionOf(properties, name));
}
