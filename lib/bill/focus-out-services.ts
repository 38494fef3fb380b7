/**
 * `ServiceCategory` of FOCUS 1.0, one of its allowed values, by the name of a service. What is not known here is `Other`,
 * as the specification has it for what fits nowhere.
 */
export const serviceCategory = (service: string): string =>
  CATEGORIES.find(([name]) => name.test(service))?.[1] ?? 'Other';

const CATEGORIES: readonly (readonly [RegExp, string])[] = [
  [
    /SageMaker|Bedrock|Comprehend|Rekognition|Textract|Transcribe|Polly|Translate|Personalize/i,
    'AI and Machine Learning',
  ],
  [/Athena|EMR|MapReduce|Glue|Kinesis|QuickSight|OpenSearch|Redshift|Managed Streaming/i, 'Analytics'],
  [/Relational Database|DynamoDB|ElastiCache|DocumentDB|Neptune|MemoryDB|Timestream|\bRDS\b/i, 'Databases'],
  [/Simple Storage|\bS3\b|Elastic File System|FSx|Glacier|Backup|EC2 - Other|Elastic Block/i, 'Storage'],
  [
    /Virtual Private Cloud|\bVPC\b|CloudFront|Route 53|Load Balancing|Direct Connect|API Gateway|Data Transfer|Transit/i,
    'Networking',
  ],
  [
    /Elastic Compute|\bEC2\b|Lambda|Elastic Container|Kubernetes|\bEKS\b|\bECS\b|Fargate|Batch|Lightsail/i,
    'Compute',
  ],
  [
    /Key Management|\bKMS\b|Secrets Manager|GuardDuty|\bWAF\b|Inspector|Macie|Security Hub|Shield/i,
    'Security',
  ],
  [
    /CloudWatch|CloudTrail|\bConfig\b|Systems Manager|Cost Explorer|Support|Organizations|Service Catalog/i,
    'Management and Governance',
  ],
  [/Queue Service|Notification Service|EventBridge|Step Functions|\bSQS\b|\bSNS\b|AppSync/i, 'Integration'],
  [/CodeBuild|CodePipeline|CodeCommit|CodeArtifact|X-Ray/i, 'Developer Tools'],
  [/Cognito|Directory Service|IAM Identity/i, 'Identity'],
];
