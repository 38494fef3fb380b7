import type { Protection, Resource } from '../types/resource.ts';

/** A service that starts, replaces or resizes what it manages: whoever acts on it behind its back works against it. */
export interface Manager {
  readonly code: Protection['code'];
  /** For people: `Kubernetes cluster ml`. */
  readonly name: string;
}

/** Tags that AWS services and the tools of Kubernetes put on what they manage, and what manages it. */
const MANAGERS: readonly { readonly key: RegExp; readonly code: Protection['code']; readonly of: string }[] =
  [
    {
      key: /^aws:eks:cluster-name$|^eks:cluster-name$|^alpha\.eksctl\.io\/cluster-name$|^kubernetes\.io\/cluster\/|^karpenter\.sh\/nodepool$|^KubernetesCluster$/,
      code: 'eks',
      of: 'Kubernetes cluster',
    },
    { key: /^eks:nodegroup-name$/, code: 'eks', of: 'EKS node group' },
    { key: /^k8s\.io\/cluster-autoscaler\//, code: 'eks', of: 'Kubernetes cluster autoscaler' },
    { key: /^aws:elasticmapreduce:job-flow-id$/, code: 'emr', of: 'EMR cluster' },
    { key: /^AWSBatchServiceTag$|^aws:batch:/, code: 'batch', of: 'AWS Batch compute environment' },
    { key: /^aws:autoscaling:groupName$/, code: 'auto-scaling-group', of: 'Auto Scaling group' },
    { key: /^aws:ec2:fleet-id$/, code: 'managed-elsewhere', of: 'EC2 Fleet' },
    { key: /^aws:ec2spot:fleet-request-id$/, code: 'managed-elsewhere', of: 'Spot Fleet' },
    { key: /^AmazonECSManaged$/, code: 'managed-elsewhere', of: 'ECS capacity provider' },
    {
      key: /^elasticbeanstalk:environment-name$/,
      code: 'managed-elsewhere',
      of: 'Elastic Beanstalk environment',
    },
    // What HyperPod runs on lies in an account of AWS, so its tags are hardly ever seen (unverified).
    { key: /^sagemaker:cluster-name$/, code: 'managed-elsewhere', of: 'SageMaker HyperPod cluster' },
  ];

/** Keys that carry the name of the cluster in themselves, and only `owned` or `true` as their value. */
const NAME_IN_KEY = /^(?:kubernetes\.io\/cluster|k8s\.io\/cluster-autoscaler)\//;

/** Whatever manages a resource by its tags, each once in the order above. */
export function managersOf(tags: Resource['tags']): readonly Manager[] {
  const entries = Object.entries(tags);
  return MANAGERS.flatMap(({ key, code, of }) => {
    const found = entries.find(([name]) => key.test(name));
    if (found === undefined) return [];
    const [name, value] = found;
    const shown = NAME_IN_KEY.test(name) ? (name.split('/').at(-1) ?? '') : value;
    return [{ code, name: shown === '' ? of : `${of} ${shown}` }];
  });
}

/** The tags of an answer of EC2, Auto Scaling or RDS. */
export const tagsOf = (
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Resource['tags'] => Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
