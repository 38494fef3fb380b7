import type { Protection, Resource } from '../types/resource.ts';

/** A service that starts, replaces or resizes what it manages: whoever acts on it behind its back works against it. */
export interface Manager {
  readonly code: Protection['code'];
  /** For people: `Kubernetes cluster ml`. */
  readonly name: string;
}

interface Mark extends Manager {
  readonly key: RegExp;
  /** Where the manager's own name stands: in the tag's value, at the end of its key, or nowhere. */
  readonly named: 'by value' | 'by key' | 'not';
}

/** Tags that AWS services and the tools of Kubernetes put on what they manage, and what manages it. */
const MARKS: readonly Mark[] = [
  {
    key: /^aws:eks:cluster-name$|^eks:cluster-name$|^alpha\.eksctl\.io\/cluster-name$|^karpenter\.sh\/nodepool$|^KubernetesCluster$/,
    code: 'eks',
    name: 'Kubernetes cluster',
    named: 'by value',
  },
  { key: /^kubernetes\.io\/cluster\//, code: 'eks', name: 'Kubernetes cluster', named: 'by key' },
  { key: /^eks:nodegroup-name$/, code: 'eks', name: 'EKS node group', named: 'by value' },
  { key: /^k8s\.io\/cluster-autoscaler\//, code: 'eks', name: 'a Kubernetes cluster', named: 'not' },
  { key: /^aws:elasticmapreduce:job-flow-id$/, code: 'emr', name: 'EMR cluster', named: 'by value' },
  {
    key: /^AWSBatchServiceTag$|^aws:batch:/,
    code: 'batch',
    name: 'AWS Batch compute environment',
    named: 'by value',
  },
  {
    key: /^aws:autoscaling:groupName$/,
    code: 'auto-scaling-group',
    name: 'Auto Scaling group',
    named: 'by value',
  },
  { key: /^aws:ec2:fleet-id$/, code: 'managed-elsewhere', name: 'EC2 Fleet', named: 'by value' },
  { key: /^aws:ec2spot:fleet-request-id$/, code: 'managed-elsewhere', name: 'Spot Fleet', named: 'by value' },
  { key: /^AmazonECSManaged$/, code: 'managed-elsewhere', name: 'an ECS capacity provider', named: 'not' },
  {
    key: /^elasticbeanstalk:environment-name$/,
    code: 'managed-elsewhere',
    name: 'Elastic Beanstalk environment',
    named: 'by value',
  },
  // What HyperPod runs on lies in an account of AWS, so this is hardly ever seen (unverified).
  {
    key: /^sagemaker:cluster-name$/,
    code: 'managed-elsewhere',
    name: 'SageMaker HyperPod cluster',
    named: 'by value',
  },
];

/** What manages a resource by its tags, in the order above; a cluster that is named twice comes once. */
export function managersOf(tags: Resource['tags']): readonly Manager[] {
  const entries = Object.entries(tags);
  const found = MARKS.flatMap(({ key, code, name, named }): readonly Manager[] => {
    const tag = entries.find(([one]) => key.test(one));
    if (tag === undefined) return [];
    const own = named === 'not' ? '' : named === 'by value' ? tag[1] : (tag[0].split('/').at(-1) ?? '');
    return [{ code, name: own === '' ? name : `${name} ${own}` }];
  });
  return [...new Map(found.map((one) => [one.name, one])).values()];
}

/** The tags of an answer of EC2, Auto Scaling or RDS. */
export const tagsOf = (
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Resource['tags'] => Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
