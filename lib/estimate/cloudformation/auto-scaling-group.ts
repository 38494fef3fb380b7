import { Fields } from './fields.ts';
import { growthOf } from './instances.ts';
import { type Counts, instanceCosts, type Launch, launchTemplateData, marketOf, named } from './launch.ts';
import { NotKnown } from './not-known.ts';
import { orElse, type TemplateResource, together, unpriced } from './resource.ts';
import type { TypeReader } from './type-reader.ts';
import { ABSENT } from './value.ts';

/**
 * A group with as many instances as it starts with: `DesiredCapacity`, else `MinSize`. Of a mixed group the base
 * and the share on demand are on demand, rounded up; the rest is Spot. The first of its types stands for all: that is
 * what on-demand capacity takes first (Amazon EC2 Auto Scaling API, `InstancesDistribution`).
 */
export const autoScalingGroup: TypeReader = {
  types: ['AWS::AutoScaling::AutoScalingGroup'],
  read: (resource) => {
    let offset: number | undefined;
    const found = together(() => {
      const group = resource.properties;
      const { region, hours, stated } = resource;
      const mixed = group.fields('MixedInstancesPolicy');
      const launch = launchOf(resource, group, mixed);
      const [first, ...others] = mixed.fields('LaunchTemplate').each('Overrides');
      const typeFrom = first?.has('InstanceType') === true ? first : launch.fields;
      offset = group.offsetOf('DesiredCapacity') ?? group.offsetOf('MinSize');

      const desired = group.number('DesiredCapacity');
      const least = group.number('MinSize');
      const units = desired ?? least;
      const most = group.number('MaxSize');
      if (units === undefined) throw new NotKnown('`MinSize` is missing. Give it one.');
      const idle = units === 0;
      if (idle && (most ?? 0) === 0) return unpriced();
      if (idle && stated.hours === undefined) {
        return unpriced(
          `It starts with no instances and may have ${most}. State how long one runs in a month: hours: 200.`,
        );
      }
      const weight = first?.number('WeightedCapacity') ?? 1;
      if (weight < 1) throw new NotKnown('`WeightedCapacity` must be 1 or more.');
      const instances = (capacity: number): number => Math.ceil(capacity / weight);
      const split = splitOf(idle ? 1 : units, mixed, launch.fields);
      const counts = { onDemand: instances(split.onDemand), spot: instances(split.spot) };
      const total = counts.onDemand + counts.spot;
      const taken = desired === undefined ? 'MinSize' : 'DesiredCapacity';
      const growth = growthOf(total, 'MaxSize', most === undefined ? undefined : instances(most));
      const notes = [
        idle ? `${taken} is 0: one is counted for the hours that are stated` : `${taken} of the group`,
        ...(others.length > 0 ? [`the first of its ${others.length + 1} types`] : []),
        ...(growth === '' ? [] : [growth]),
      ];
      const note = ` (${notes.join('; ')})`;
      return instanceCosts(launch, { region, counts, hours, stated, note, typeFrom });
    });
    return [resource.item(found, { offset })];
  },
};

function launchOf(resource: TemplateResource, group: Fields, mixed: Fields): Launch {
  const none = Fields.of(ABSENT, 'LaunchTemplate');
  if (group.has('LaunchConfigurationName')) {
    const value = group.value('LaunchConfigurationName');
    const type = 'AWS::AutoScaling::LaunchConfiguration';
    const { properties } = named(resource, value, type, 'LaunchConfigurationName');
    return { fields: properties, layers: [properties] };
  }
  if (mixed.keys.length > 0) {
    const template = mixed.fields('LaunchTemplate');
    const [first] = template.each('Overrides');
    const own = first?.fields('LaunchTemplateSpecification') ?? none;
    const data = launchTemplateData(
      resource,
      own.keys.length > 0 ? own : template.fields('LaunchTemplateSpecification'),
    );
    return { fields: first === undefined ? data : first.over(data), layers: [data] };
  }
  if (!group.has('LaunchTemplate')) {
    throw new NotKnown('It names no launch template. Give it a `LaunchTemplate`.');
  }
  const data = launchTemplateData(resource, group.fields('LaunchTemplate'));
  return { fields: data, layers: [data] };
}

/** How many units of capacity are on demand, and how many Spot. */
function splitOf(units: number, mixed: Fields, launch: Fields): Counts {
  if (mixed.keys.length === 0) {
    const isSpot = orElse(() => marketOf(launch), undefined) === 'spot';
    return isSpot ? { onDemand: 0, spot: units } : { onDemand: units, spot: 0 };
  }
  const distribution = mixed.fields('InstancesDistribution');
  const base = Math.min(units, distribution.number('OnDemandBaseCapacity') ?? 0);
  const percent = distribution.number('OnDemandPercentageAboveBaseCapacity') ?? 100;
  const onDemand = base + Math.ceil(((units - base) * percent) / 100);
  return { onDemand, spot: units - onDemand };
}
