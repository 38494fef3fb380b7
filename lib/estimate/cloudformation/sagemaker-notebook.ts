import { choiceOf, sized, withChoice } from './instances.ts';
import { costs, orElse, together } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** GB of a notebook's volume unless it says otherwise (Amazon SageMaker API, CreateNotebookInstance). */
const VOLUME_GB = 5;

/** A notebook instance with its volume, which is kept while it is stopped. */
export const sagemakerNotebook: TypeReader = {
  types: ['AWS::SageMaker::NotebookInstance'],
  read: (resource) => {
    const { properties, region, hours, stated } = resource;
    const service = 'sagemaker-notebook';
    const found = together(
      () => {
        const instanceType = properties.needed('InstanceType');
        const what = sized(1, instanceType, hours);
        return withChoice(
          [{ per: 'hour', key: { service, region, instanceType }, count: 1, hours, what }],
          choiceOf(properties, 'InstanceType', service, stated),
        );
      },
      () => {
        const gib = properties.number('VolumeSizeInGB') ?? VOLUME_GB;
        const key = { service: 'sagemaker-volume', region, use: 'notebook' } as const;
        return costs({ per: 'unit', key, quantity: gib, what: `${gib} GiB of storage` });
      },
    );
    return [resource.item(found, { offset: orElse(() => properties.offsetOf('InstanceType'), undefined) })];
  },
};
