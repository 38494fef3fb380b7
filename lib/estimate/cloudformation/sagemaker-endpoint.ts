import { named } from './launch.ts';
import { NotKnown } from './not-known.ts';
import { orElse, type TemplateResource, unpriced } from './resource.ts';
import { type Capacity, variantItems } from './sagemaker-variants.ts';
import type { TypeReader } from './type-reader.ts';

const CONFIG = 'AWS::SageMaker::EndpointConfig';
const ENDPOINT = 'AWS::SageMaker::Endpoint';

/**
 * An endpoint costs by the variants of its configuration: one item each, `Stack/Endpoint/Variant`. Autoscaling that
 * the change has keeps at least its `MinCapacity`, whatever the count at first.
 */
export const sagemakerEndpoint: TypeReader = {
  types: [ENDPOINT],
  read: (resource) => {
    try {
      const config = configOf(resource);
      return variantItems(resource, config, (variant) => capacityOf(resource, variant));
    } catch (error) {
      if (!(error instanceof NotKnown)) throw error;
      return [resource.item(unpriced(error.message))];
    }
  },
};

/**
 * A configuration costs nothing until an endpoint runs it. One that no endpoint of the change runs is priced as if one
 * did: it is changed for nothing else.
 */
export const sagemakerEndpointConfig: TypeReader = {
  types: [CONFIG],
  read: (resource) => {
    const isRun = resource.stack.settings.world
      .ofType(ENDPOINT)
      .some((endpoint) => orElse(() => configOf(endpoint), undefined) === resource);
    return isRun ? [] : variantItems(resource, resource, () => undefined);
  },
};

/** @throws {NotKnown} where it is not in the change */
const configOf = (endpoint: TemplateResource): TemplateResource =>
  named(endpoint, endpoint.properties.value('EndpointConfigName'), CONFIG, 'EndpointConfigName');

/** What a scalable target keeps of a variant. @throws {NotKnown} where its figures are not known */
function capacityOf(endpoint: TemplateResource, variant: string): Capacity | undefined {
  const target = endpoint.stack.settings.world
    .ofType('AWS::ApplicationAutoScaling::ScalableTarget')
    .find((one) => orElse(() => scales(one, endpoint, variant), false));
  if (target === undefined) return undefined;
  const { properties } = target;
  const min = properties.number('MinCapacity');
  return min === undefined ? undefined : { min, max: properties.number('MaxCapacity') };
}

/** `endpoint/<name>/variant/<variant>`, the name being the endpoint's own or a reference to it. */
function scales(target: TemplateResource, endpoint: TemplateResource, variant: string): boolean {
  const dimension = target.properties.text('ScalableDimension') ?? '';
  if (dimension !== 'sagemaker:variant:DesiredInstanceCount') return false;
  const id = target.properties.value('ResourceId');
  if (id.kind === 'pieces') {
    const [start, name, end] = id.pieces;
    return (
      start === 'endpoint/' &&
      typeof name === 'object' &&
      name.resource === endpoint &&
      end === `/variant/${variant}`
    );
  }
  const name = endpoint.properties.text('EndpointName');
  return id.kind === 'scalar' && name !== undefined && id.text === `endpoint/${name}/variant/${variant}`;
}
