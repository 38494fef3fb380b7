import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFree } from '../../../lib/estimate/cloudformation/free-types.ts';
import { readCdkOut } from '../../../lib/estimate/cloudformation/read-cdk-out.ts';
import { readTemplate, type TemplateOptions } from '../../../lib/estimate/cloudformation/read-template.ts';
import { READERS } from '../../../lib/estimate/cloudformation/registry.ts';
import type { Change } from '../../../lib/estimate/estimate.ts';
import { PolicyError } from '../../../lib/policy/policy-error.ts';
import { OPTIONS, stackPath, stackText } from './prices.ts';

const read = (text: string, options: Partial<TemplateOptions> = {}): Change =>
  readTemplate(text, 'app.yaml', { ...OPTIONS, ...options });

function messageOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return 'no mistake was found';
}

describe('what is no template', () => {
  it.each([
    ['', 'app.yaml:1:1: The file is empty. Name a CloudFormation template.'],
    [
      'version: 1\n',
      'app.yaml:1:1: No CloudFormation template: it has no `Resources`. Name a template, or the folder cdk.out.',
    ],
    [
      '- a\n',
      'app.yaml:1:1: No CloudFormation template: it has no `Resources`. Name a template, or the folder cdk.out.',
    ],
    [
      'Resources: [a]\n',
      'app.yaml:1:1: No CloudFormation template: `Resources` must be a mapping of logical ids.',
    ],
    ['{ "Resources": { "A": }', 'app.yaml:1:23: Not valid JSON: A value is missing here.'],
    ['{ "Resources": {} "b": 1 }', 'app.yaml:1:19: Not valid JSON: A , is missing here.'],
    [
      'Resources:\n  A: { Type: AWS::S3::Bucket }\n  A: { Type: AWS::S3::Bucket }\n',
      'app.yaml:3:3: The key "A" stands here twice. Keep one.',
    ],
    [
      'Resources:\n  Bucket:\n    Properties: {}\n',
      'app.yaml:2:3: Resource "Bucket" has no type. Give it a `Type`, such as AWS::EC2::Instance.',
    ],
    [
      'Conditions:\n  A: !Not [!Condition B]\n  B: !Or [!Condition A, !Equals [a, b]]\nResources: {}\n',
      'app.yaml:2:11: Condition "A" depends on itself. Write it without that.',
    ],
    [
      'Resources:\n  A: &a { Type: AWS::S3::Bucket, Properties: *a }\n',
      'app.yaml:2:46: *a stands inside what it names. Write the value out.',
    ],
    [
      `a: ${'x'.repeat(5_000_000)}`,
      'app.yaml:1:1: The file is larger than 4 MiB. CloudFormation takes templates of up to 1 MB.',
    ],
    [
      `Resources: ${'{ "a": '.repeat(150)}1${'}'.repeat(150)}`,
      'app.yaml:1:712: More than 100 levels deep. Nest less deeply.',
    ],
    [
      'Resources:\n  A:\n    Type: AWS::EC2::Instance\n    Metadata:\n      Bursar:\n        hourz: 3\n        needs: { memory: 16GB }\n',
      'app.yaml:6:9: Unknown key "hourz". Did you mean "hours"?\napp.yaml:7:26: "16GB" is not an amount of memory. Write 16 GiB.',
    ],
  ])('%#', (text, says) => {
    expect(messageOf(text)).toBe(says);
  });

  it('says where YAML is broken', () => {
    expect(messageOf('Resources:\n  A: [\n  B: 1\n')).toMatch(/^app\.yaml:\d+:\d+: Not valid YAML: /);
  });

  it('is told of a folder that cdk synth did not write', async () => {
    const folder = stackPath('.');
    await expect(readCdkOut(folder, OPTIONS)).rejects.toThrow(
      'manifest.json:1:1: Cannot be read. Run `cdk synth`, and name the folder that it writes.',
    );
  });
});

describe('what is odd, and read all the same', () => {
  it('resources that name each other', () => {
    const change = read(`Resources:
  A: { Type: AWS::RDS::DBInstance, Properties: { DBInstanceClass: db.t3.micro, SourceDBInstanceIdentifier: !Ref B } }
  B: { Type: AWS::RDS::DBInstance, Properties: { DBInstanceClass: db.t3.micro, SourceDBInstanceIdentifier: !Ref A } }
`);
    expect(change.items.map(({ unpriced }) => unpriced)).toEqual([
      ['`Engine` is missing: that of a snapshot is not known. Give it one.'],
      ['`Engine` is missing: that of a snapshot is not known. Give it one.'],
    ]);
  });

  it('a parameter whose default is itself', () => {
    const [item] = read(`Parameters: { A: { Default: !Ref A } }
Resources:
  Book: { Type: AWS::SageMaker::NotebookInstance, Properties: { InstanceType: !Ref A } }
`).items;
    expect(item?.unpriced).toEqual(['`InstanceType` is not known: it depends on itself.']);
  });

  it('a nested template that names itself', () => {
    const text =
      'Resources:\n  Again: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ./app.yaml } }\n';
    const change = read(text, { nested: () => ({ text, file: 'app.yaml' }) });
    expect(change.items.map(({ unpriced }) => unpriced)).toEqual([
      ['Its template is not at hand. Give it to the gate as well.'],
    ]);
  });

  it('types, macros and custom resources that nothing is known of are named, never free', () => {
    const change = read(`Transform: [AWS::LanguageExtensions, OurMacro]
Resources:
  New: { Type: AWS::Quantum::Computer }
  Mine: { Type: Custom::Anything, Properties: { ServiceToken: x } }
  Cdk: { Type: Custom::S3AutoDeleteObjects }
  Role: { Type: AWS::IAM::Role }
  Fleet: { Type: AWS::EC2::SpotFleet }
  Aurora: { Type: AWS::RDS::DBCluster, Properties: { Engine: aurora-postgresql } }
  Reader: { Type: AWS::RDS::DBInstance, Properties: { Engine: aurora-postgresql, DBInstanceClass: db.r6g.large } }
  Any: { Type: AWS::EC2::Instance, Properties: { InstanceType: m5.large, Tenancy: dedicated } }
`);
    expect(change.free).toBe(2);
    expect(change.items.map(({ id, unpriced: [first] }) => [id, first])).toEqual([
      ['App/New', 'What AWS::Quantum::Computer costs is not known. State it: monthly: 120 USD.'],
      ['App/Mine', 'A custom resource may make anything. State it: monthly: 120 USD.'],
      [
        'App/Fleet',
        'What a Spot fleet launches is not known in advance. State what it costs: monthly: 120 USD.',
      ],
      [
        'App/Aurora',
        'A database cluster has prices that Bursar does not know: storage, requests and instances. State what it costs: monthly: 300 USD.',
      ],
      [
        'App/Reader',
        'An instance of a database cluster (aurora-postgresql) has prices that Bursar does not know. State what it costs: monthly: 300 USD.',
      ],
      ['App/Any', 'Tenancy dedicated has prices of its own. State what it costs: monthly: 120 USD.'],
      ['App/Resources', 'Macro OurMacro may add or change resources when it is deployed.'],
    ]);
    expect(change.items.flatMap(({ parts }) => parts)).toEqual([]);
  });

  it('a large template takes less than a second', () => {
    const resources = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [
        `Queue${index}`,
        {
          Type: 'AWS::EC2::Volume',
          Properties: {
            Size: 10,
            Tags: [{ Key: 'project', Value: { Ref: 'AWS::StackName' } }],
            Text: 'x'.repeat(1_500),
          },
        },
      ]),
    );
    const started = performance.now();
    expect(read(JSON.stringify({ Resources: resources }, null, 1)).items).toHaveLength(500);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('aliases of aliases do not grow', () => {
    const lists = Array.from(
      { length: 60 },
      (_, index) => `  - &l${index + 1} [*l${index}, *l${index}]`,
    ).join('\n');
    const text = `X:\n  - &l0 [a]\n${lists}\nResources:
  Machine: { Type: AWS::StepFunctions::StateMachine, Properties: { Definition: { States: { A: *l60 } } } }
`;
    expect(read(text).items.map(({ unpriced: [first] }) => first)).toEqual([
      'It comes to more than 50000 values. Write it without aliases.',
    ]);
  });
});

describe('the registry', () => {
  it('has one reader for a type, and takes nothing for free that a reader prices', () => {
    const types = READERS.flatMap((reader) => reader.types);
    expect(types.filter((type, index) => types.indexOf(type) !== index)).toEqual([]);
    expect(types.filter(isFree)).toEqual([]);
  });
});

describe('any text', () => {
  const templates = [
    'web-vpc.yaml',
    'gpu-training-asg.yaml',
    'endpoint-autoscaling.yaml',
    'rds-multi-az.json',
  ];

  it('is read or refused with a place, never anything else', async () => {
    const texts = await Promise.all(templates.map(stackText));
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(),
        fc.nat(60),
        fc.oneof(
          fc.string({ maxLength: 8 }),
          fc.constantFrom('!Ref A', '[', '{', '*x', '&x ', '!If ', ': ', 'null'),
        ),
        (text, at, length, put) => {
          const from = at % text.length;
          const broken = text.slice(0, from) + put + text.slice(from + length);
          try {
            read(broken);
          } catch (error) {
            expect(error).toBeInstanceOf(PolicyError);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
