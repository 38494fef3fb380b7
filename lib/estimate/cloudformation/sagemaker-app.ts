import type { SageMakerUse } from '../../fleet/prices.ts';
import { choiceOf, sized, withChoice } from './instances.ts';
import { NotKnown } from './not-known.ts';
import { together } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

const USES: ReadonlyMap<string, SageMakerUse> = new Map([
  ['JupyterLab', 'sagemaker-studio-jupyterlab'],
  ['CodeEditor', 'sagemaker-studio-codeeditor'],
  ['KernelGateway', 'sagemaker-studio-kernelgateway'],
]);

/** An application of Studio. */
export const sagemakerApp: TypeReader = {
  types: ['AWS::SageMaker::App'],
  read: (resource) => {
    const found = together(() => {
      const { properties, region, hours, stated } = resource;
      const type = properties.needed('AppType');
      const service = USES.get(type);
      if (service === undefined) {
        throw new NotKnown(`Prices of ${type} are not known. State what it costs: monthly: 120 USD.`);
      }
      const specification = properties.fields('ResourceSpec');
      const instanceType = specification.needed('InstanceType');
      const what = `${sized(1, instanceType, hours)}, ${type}`;
      return withChoice(
        [{ per: 'hour', key: { service, region, instanceType }, count: 1, hours, what }],
        choiceOf(specification, 'InstanceType', service, stated),
      );
    });
    return [resource.item(found)];
  },
};
