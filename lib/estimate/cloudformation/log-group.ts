import { type Costs, costs, together, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';

/** A log group of the Standard class: what goes in and what is kept, where it is stated. */
export const logGroup: TypeReader = {
  types: ['AWS::Logs::LogGroup'],
  read: (resource) => {
    const { region, stated } = resource;
    const part = (unit: 'ingested' | 'stored', gb: number, what: string): Costs =>
      costs({ per: 'unit', key: { service: 'logs', region, unit }, quantity: gb, what });
    const found = together(() => {
      if ((resource.properties.text('LogGroupClass') ?? 'STANDARD') !== 'STANDARD') {
        return unpriced(
          'Its class has prices that Bursar does not know. State what it costs: monthly: 10 USD.',
        );
      }
      const { dataGb, storageGb } = stated;
      if (dataGb === undefined) {
        return unpriced(
          'Logs are charged by the GB that goes in and is kept. State them: dataGb: 50, storageGb: 100.',
        );
      }
      return together(
        () => part('ingested', dataGb, `${dataGb} GB in`),
        () =>
          storageGb === undefined
            ? unpriced('What it keeps is charged by the GB. State it: storageGb: 100.')
            : part('stored', storageGb, `${storageGb} GB kept`),
      );
    });
    return [resource.item(found)];
  },
};
