import { ASYNCHRONOUS, COMPONENTS } from '../fleet/sagemaker-form.ts';
import { namesOf } from '../fleet/sagemaker-studio-names.ts';
import type { Recommendation } from '../types/recommendation.ts';
import type { Resource } from '../types/resource.ts';
import { awsCommand, cdkChange } from './texts.ts';

/** What ends the cost of a resource that nobody uses, in words and as commands. */
export interface IdleWay {
  /** `Stop`, `Delete`. */
  readonly verb: string;
  /** True where it must be made again, not only started. */
  readonly isDeleted: boolean;
  readonly keeps: string;
  readonly how: Recommendation['how'];
}

/** By the kind and form of the resource. @param components of an endpoint that hosts them */
export function idleWay(resource: Resource, components: readonly string[]): IdleWay | undefined {
  const { kind, id, region } = resource;
  switch (kind) {
    case 'ec2-instance':
      return {
        verb: 'Stop',
        isDeleted: false,
        keeps: 'Its volumes and their data stay, and are billed on; start-instances brings it back as it is.',
        how: [awsCommand('ec2', 'stop-instances', region, { 'instance-ids': id })],
      };
    case 'auto-scaling-group':
      return {
        verb: 'Scale to zero the',
        isDeleted: false,
        keeps: 'The group and its launch template stay; what its instances hold is lost.',
        how: [
          awsCommand('autoscaling', 'update-auto-scaling-group', region, {
            'auto-scaling-group-name': id,
            'min-size': '0',
            'desired-capacity': '0',
          }),
          cdkChange('minCapacity: 0, desiredCapacity: 0'),
        ],
      };
    case 'rds-instance':
      return {
        verb: 'Stop',
        isDeleted: false,
        keeps:
          'Its storage and data stay, and are billed on. AWS starts it again after 7 days: stop it again then, give its policy `hours`, or delete it with a final snapshot.',
        how: [awsCommand('rds', 'stop-db-instance', region, { 'db-instance-identifier': id })],
      };
    case 'sagemaker-notebook':
      return {
        verb: 'Stop',
        isDeleted: false,
        keeps: 'Its volume stays, and is billed on; start-notebook-instance brings it back.',
        how: [awsCommand('sagemaker', 'stop-notebook-instance', region, { 'notebook-instance-name': id })],
      };
    case 'sagemaker-endpoint':
      return endpointWay(resource, components);
    case 'sagemaker-studio-app':
      return appWay(resource);
    default:
      return undefined;
  }
}

function endpointWay({ id, region, form }: Resource, components: readonly string[]): IdleWay | undefined {
  if (form === COMPONENTS) {
    if (components.length === 0) return undefined;
    return {
      verb: 'Scale to zero the',
      isDeleted: false,
      keeps: 'The endpoint and its inference components stay; without copies its instances end.',
      how: [
        awsCommand('sagemaker', 'update-inference-component-runtime-config', region, {
          'inference-component-name': components[0] ?? '',
          'desired-runtime-config': 'CopyCount=0',
        }),
        ...components.slice(1).map((name) =>
          awsCommand('sagemaker', 'update-inference-component-runtime-config', region, {
            'inference-component-name': name,
            'desired-runtime-config': 'CopyCount=0',
          }),
        ),
      ],
    };
  }
  return {
    verb: 'Delete',
    isDeleted: true,
    keeps: `Its configuration and model stay: create-endpoint with them serves again, in minutes; its autoscaling would have to be set up again${form === ASYNCHRONOUS ? ', and requests that come meanwhile are refused' : ''}.`,
    how: [
      awsCommand('sagemaker', 'delete-endpoint', region, { 'endpoint-name': id }),
      cdkChange('Remove the CfnEndpoint; leave its CfnEndpointConfig and CfnModel.'),
    ],
  };
}

function appWay({ id, region }: Resource): IdleWay | undefined {
  const key = namesOf(id);
  if (key === undefined) return undefined;
  return {
    verb: 'Shut down',
    isDeleted: false,
    keeps: 'The files of its space stay, and are billed on; what runs in its kernels is lost.',
    how: [
      awsCommand('sagemaker', 'delete-app', region, {
        'domain-id': key.domainId,
        ...(key.owner.in === 'space'
          ? { 'space-name': key.owner.name }
          : { 'user-profile-name': key.owner.name }),
        'app-type': key.type,
        'app-name': key.name,
      }),
    ],
  };
}
