import { Fields } from './fields.ts';
import { instanceCosts, launchTemplateData, marketOf } from './launch.ts';
import { orElse, together } from './resource.ts';
import type { TypeReader } from './type-reader.ts';
import { ABSENT } from './value.ts';

/** One instance, by itself. */
export const ec2Instance: TypeReader = {
  types: ['AWS::EC2::Instance'],
  read: (resource) => {
    const own = resource.properties;
    const { region, hours, stated } = resource;
    const found = together(() => {
      const template = own.has('LaunchTemplate')
        ? launchTemplateData(resource, own.fields('LaunchTemplate'))
        : Fields.of(ABSENT, 'LaunchTemplate');
      const fields = own.over(template);
      const isSpot = marketOf(fields) === 'spot';
      const counts = isSpot ? { onDemand: 0, spot: 1 } : { onDemand: 1, spot: 0 };
      return instanceCosts({ fields, layers: [own, template] }, { region, counts, hours, stated, note: '' });
    });
    return [resource.item(found, { offset: orElse(() => own.offsetOf('InstanceType'), undefined) })];
  },
};
