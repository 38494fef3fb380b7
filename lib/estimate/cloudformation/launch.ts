import type { PricePart } from '../estimate.ts';
import type { StatedUsage } from '../usage-file.ts';
import { deviceCosts } from './ebs.ts';
import type { Fields } from './fields.ts';
import { choiceOf, sized, systemOf, withChoice } from './instances.ts';
import { NotKnown } from './not-known.ts';
import { type Costs, costs, orElse, type TemplateResource, together } from './resource.ts';
import type { Value } from './value.ts';

/** What instances are launched with: the resource's own words before those of its launch template. */
export interface Launch {
  /** All of it; the more particular counts. */
  readonly fields: Fields;
  /** One by one, the more particular first. */
  readonly layers: readonly Fields[];
}

/**
 * The resource that a property names: by a reference, or by the name that it is given in a property of its own.
 * @throws {NotKnown} where no resource of the change is it
 */
export function named(
  from: TemplateResource,
  value: Value,
  type: string,
  nameProperty: string,
): TemplateResource {
  if (value.kind === 'reference' && value.resource.type === type) return value.resource;
  if (value.kind === 'scalar') {
    const found = from.stack.settings.world
      .ofType(type)
      .find((one) => orElse(() => one.properties.text(nameProperty), undefined) === value.text);
    if (found !== undefined) return found;
  }
  const what = value.kind === 'scalar' ? value.text : type;
  throw new NotKnown(`${what} is not in this change, so what it says of the instances is not known.`);
}

/**
 * What a `LaunchTemplate` property names, as launch template data; nothing where there is no such property.
 * @throws {NotKnown} where it is not in the change
 */
export function launchTemplateData(from: TemplateResource, specification: Fields): Fields {
  const id = specification.value('LaunchTemplateId');
  const name = specification.value('LaunchTemplateName');
  const template = named(
    from,
    id.kind === 'absent' ? name : id,
    'AWS::EC2::LaunchTemplate',
    'LaunchTemplateName',
  );
  return template.properties.fields('LaunchTemplateData');
}

/** What is charged of instances by how they are bought, each count by itself. */
export interface Counts {
  readonly onDemand: number;
  readonly spot: number;
}

export interface InstanceTerms {
  readonly region: string;
  readonly counts: Counts;
  readonly hours: number;
  readonly stated: StatedUsage;
  /** Added to what people are told of each count; may be empty. */
  readonly note: string;
  /** Where the instance type is read; absent = from the launch itself. */
  readonly typeFrom?: Fields;
}

/** What instances cost, with their volumes and public addresses. */
export function instanceCosts({ fields, layers }: Launch, terms: InstanceTerms): Costs {
  const { region, counts, hours, stated, note, typeFrom = fields } = terms;
  const count = counts.onDemand + counts.spot;
  return together(
    () => {
      const instanceType = typeFrom.text('InstanceType');
      if (instanceType === undefined) {
        throw new NotKnown(
          fields.has('InstanceRequirements')
            ? 'It takes any instance type that meets its `InstanceRequirements`. State what it costs: monthly: 120 USD.'
            : '`InstanceType` is missing. Give it one.',
        );
      }
      checkTerms(fields);
      const system = systemOf(fields, stated);
      const of = system === 'Linux' ? instanceType : `${instanceType} with ${system}`;
      const parts: PricePart[] = [];
      if (counts.onDemand > 0) {
        parts.push({
          per: 'hour',
          key: { service: 'ec2', region, instanceType, system },
          count: counts.onDemand,
          hours,
          what: `${sized(counts.onDemand, of, hours)}${note}`,
        });
      }
      const sentences: string[] = [];
      if (counts.spot > 0 && system !== 'Linux') {
        sentences.push(`Spot prices of ${system} are not known. State what it costs: monthly: 120 USD.`);
      } else if (counts.spot > 0) {
        const what = `${sized(counts.spot, of, hours)}, Spot${note}`;
        parts.push({ per: 'spot-hour', region, instanceType, count: counts.spot, hours, what });
      }
      const choice = choiceOf(
        typeFrom,
        'InstanceType',
        'ec2',
        stated,
        counts.onDemand === 0 && counts.spot > 0,
      );
      return { ...withChoice(parts, choice), unpriced: sentences };
    },
    () => deviceCosts(layers, region, count),
    () => addressCosts(fields, region, count, hours),
    () =>
      fields.flag('Monitoring') === true || orElse(() => fields.fields('Monitoring').flag('Enabled'), false)
        ? { parts: [], unpriced: ['Detailed monitoring is charged by the metric and is not counted.'] }
        : costs(),
  );
}

/** @throws {NotKnown} where neither a list price nor a Spot price applies */
function checkTerms(fields: Fields): void {
  const placement = orElse(() => fields.fields('Placement').text('Tenancy'), undefined);
  const tenancy = placement ?? fields.text('Tenancy') ?? fields.text('PlacementTenancy') ?? 'default';
  if (tenancy !== 'default') {
    throw new NotKnown(`Tenancy ${tenancy} has prices of its own. State what it costs: monthly: 120 USD.`);
  }
  if (marketOf(fields) === 'capacity-block') {
    throw new NotKnown('A Capacity Block is paid for in advance. State what it costs: monthly: 120 USD.');
  }
}

/** How instances of a launch are bought. @throws {NotKnown} */
export const marketOf = (fields: Fields): string | undefined =>
  fields.has('SpotPrice') ? 'spot' : fields.fields('InstanceMarketOptions').text('MarketType');

/** Public IPv4 addresses that are asked for in so many words. What the subnet gives by itself is not known. */
function addressCosts(fields: Fields, region: string, count: number, hours: number): Costs {
  const asked =
    fields.flag('AssociatePublicIpAddress') === true ||
    fields.each('NetworkInterfaces').some((one) => one.flag('AssociatePublicIpAddress') === true);
  if (!asked || count === 0) return costs();
  return costs({
    per: 'unit',
    key: { service: 'public-ipv4', region, state: 'in-use' },
    quantity: count * hours,
    what: `${count} public IPv4 address${count === 1 ? '' : 'es'}`,
  });
}
