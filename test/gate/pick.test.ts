import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type PickToWrite, pickInText } from '../../lib/gate/pick.ts';

const pick = (from: string, to: string, path: readonly (string | number)[], spot = false): PickToWrite => ({
  id: path.join('.'),
  instanceType: to,
  spot,
  alsoOf: [],
  choice: { instanceType: from, at: { file: 'app.yaml', path } },
});

const YAML = `# The app
Parameters: { Size: { Type: String, Default: 'g5.12xlarge' } }   # in quotes
Resources:
  Api:   # answers
    Type: AWS::EC2::Instance
    Properties: { InstanceType: !Ref Size, ImageId: !Sub "\${Image}" }

  Batch:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        ImageId: ami-1
        InstanceType: g5.12xlarge   # big
        UserData:
          Fn::Base64: |
            #!/bin/sh
            echo g5.12xlarge
`;

const BATCH = ['Resources', 'Batch', 'Properties', 'LaunchTemplateData', 'InstanceType'];

describe('picks in a text', () => {
  it('change the characters of the types alone, comments, quotes and layout stay', () => {
    const { text, written } = pickInText(YAML, [
      pick('g5.12xlarge', 'g5.xlarge', ['Parameters', 'Size', 'Default']),
      pick('g5.12xlarge', 'g5.2xlarge', BATCH),
    ]);
    expect(text).toBe(
      YAML.replace("Default: 'g5.12xlarge'", "Default: 'g5.xlarge'").replace(
        'InstanceType: g5.12xlarge ',
        'InstanceType: g5.2xlarge ',
      ),
    );
    expect(written.map(({ line, refused }) => [line, refused])).toEqual([
      [2, undefined],
      [13, undefined],
    ]);
  });

  it('keep the indentation of JSON, of tabs too', () => {
    const json =
      '{\n\t"ResourceConfig": {\n\t\t"InstanceType": "ml.g5.12xlarge",\n\t\t"InstanceCount": 1\n\t}\n}\n';
    const { text } = pickInText(json, [
      pick('ml.g5.12xlarge', 'ml.g5.xlarge', ['ResourceConfig', 'InstanceType']),
    ]);
    expect(text).toBe(json.replace('ml.g5.12xlarge', 'ml.g5.xlarge'));
  });

  it.each([
    ['what stands elsewhere by now', ['Resources', 'Batch', 'Properties']],
    ['a reference', ['Resources', 'Api', 'Properties', 'InstanceType']],
    ['nothing', ['Resources', 'Nobody']],
    ['the whole document', []],
  ])('refuse %s, and change nothing', (_, path) => {
    const { text, written } = pickInText(YAML, [pick('g5.12xlarge', 'g5.xlarge', path)]);
    expect(text).toBe(YAML);
    expect(written[0]?.refused).toContain('g5.12xlarge does not stand at ');
  });

  it('of two things at one place change it once', () => {
    const both = [pick('g5.12xlarge', 'g5.xlarge', BATCH), pick('g5.12xlarge', 'g5.xlarge', BATCH)];
    expect(pickInText(YAML, both).text).toBe(
      YAML.replace('InstanceType: g5.12xlarge ', 'InstanceType: g5.xlarge '),
    );
  });

  it('refuse a place that says the type of something else as well', () => {
    const shared = { ...pick('g5.12xlarge', 'g5.xlarge', BATCH), alsoOf: ['app/Other'] };
    const { text, written } = pickInText(YAML, [shared]);
    expect(text).toBe(YAML);
    expect(written[0]?.refused).toContain('is that of app/Other as well');
  });

  it('keep the line ends of Windows', () => {
    const { text } = pickInText(YAML.replaceAll('\n', '\r\n'), [
      pick('g5.12xlarge', 'g5.xlarge', BATCH, true),
    ]);
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
    expect(text).toContain('InstanceMarketOptions: { MarketType: spot }\r\n        InstanceType: g5.xlarge');
  });

  it('refuse Spot in a launch template that a mixed group may use', () => {
    const mixed = `${YAML}  Group: { Type: AWS::AutoScaling::AutoScalingGroup, Properties: { MixedInstancesPolicy: {} } }\n`;
    const { text, written } = pickInText(mixed, [pick('g5.12xlarge', 'g5.xlarge', BATCH, true)]);
    expect(text).toBe(mixed);
    expect(written[0]?.refused).toContain('Only a launch template takes Spot');
  });

  it('refuse another type than was read', () => {
    expect(pickInText(YAML, [pick('m5.large', 'g5.xlarge', BATCH)]).written[0]?.refused).toBeDefined();
  });

  it('ask a launch template for Spot, in YAML and in JSON', () => {
    const { text } = pickInText(YAML, [pick('g5.12xlarge', 'g5.xlarge', BATCH, true)]);
    expect(text).toContain(
      '        ImageId: ami-1\n        InstanceMarketOptions: { MarketType: spot }\n        InstanceType: g5.xlarge   # big\n',
    );
    const json = '{ "LaunchTemplateData": { "InstanceType": "g5.12xlarge" } }';
    const { text: flow } = pickInText(json, [
      pick('g5.12xlarge', 'g5.xlarge', ['LaunchTemplateData', 'InstanceType'], true),
    ]);
    expect(parse(flow)).toEqual({
      LaunchTemplateData: { InstanceMarketOptions: { MarketType: 'spot' }, InstanceType: 'g5.xlarge' },
    });
  });

  it('refuse Spot where it takes more than that', () => {
    const { text, written } = pickInText(YAML, [
      pick('g5.12xlarge', 'g5.xlarge', ['Parameters', 'Size', 'Default'], true),
    ]);
    expect(text).toBe(YAML);
    expect(written[0]?.refused).toContain('Only a launch template takes Spot by one property.');
  });
});
