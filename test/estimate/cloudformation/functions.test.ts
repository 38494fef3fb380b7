import { describe, expect, it } from 'vitest';
import { readTemplate, type TemplateOptions } from '../../../lib/estimate/cloudformation/read-template.ts';
import type { ChangeItem } from '../../../lib/estimate/estimate.ts';
import { OPTIONS } from './prices.ts';

const HEAD = `Parameters:
  Size: { Type: String, Default: large }
  Family: { Type: String }
  List: { Type: CommaDelimitedList, Default: 'a, m5.large ,c' }
  Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /app/type }
Mappings:
  Types: { us-east-1: { web: m5.large }, eu-west-1: { web: m6i.large } }
Conditions:
  Here: !Equals [!Ref AWS::Region, us-east-1]
  There: !Not [!Condition Here]
  Either: !Or [!Equals [!Ref Family, m5], !Condition Here]
  Both: !And [!Equals [!Ref Family, m5], !Condition There]
  Open: !Equals [!Ref Family, m5]
`;

/** The notebook whose type is written so. */
function notebook(type: string, options: Partial<TemplateOptions> = {}): ChangeItem {
  const text = `${HEAD}Resources:
  Book:
    Type: AWS::SageMaker::NotebookInstance
    Properties:
      InstanceType: ${type}
  Other: { Type: AWS::S3::Bucket }
`;
  const [item] = readTemplate(text, 'app.yaml', { ...OPTIONS, ...options }).items;
  if (item === undefined) throw new Error('no item');
  return item;
}

const typeOf = (item: ChangeItem): string | undefined => {
  const [first] = item.parts;
  return first?.per === 'hour' ? first.key.instanceType : undefined;
};

describe('functions of CloudFormation', () => {
  it.each([
    ['m5.large'],
    [`!Sub m5.\${Size}`],
    [`{ "Fn::Sub": ["\${F}.\${Size}", { "F": "m5" }] }`],
    ['!Join [., [m5, !Ref Size]]'],
    ['!Join [., [m5, !Ref AWS::NoValue, large]]'],
    ['!Select [1, !Ref List]'],
    ['!Select [1, !Split ["/", "x/m5.large"]]'],
    ['!FindInMap [Types, !Ref AWS::Region, web]'],
    ['!FindInMap [Types, eu-north-1, web, { DefaultValue: m5.large }]'],
    ['!If [Here, m5.large, m5.xlarge]'],
    ['!If [There, m5.xlarge, m5.large]'],
    ['!If [Either, m5.large, m5.xlarge]'],
    ['!If [Both, m5.xlarge, m5.large]'],
    ['{ Fn::If: [Here, { Fn::FindInMap: [Types, { Ref: AWS::Region }, web] }, x] }'],
    ['!Select [!Length [x], [a, m5.large]]'],
  ])('%s is m5.large', (written) => {
    const item = notebook(written);
    expect(item.unpriced).toEqual([]);
    expect(typeOf(item)).toBe('m5.large');
  });

  it.each([
    ['!Ref Family', 'parameter Family has no default: state it with --parameter Family=value'],
    [`!Sub \${Family}.large`, 'parameter Family has no default: state it with --parameter Family=value'],
    [
      '!Ref Stored',
      'parameter Stored is looked up in Parameter Store (/app/type): state it with --parameter Stored=value',
    ],
    [
      '!If [Open, m5.large, m5.xlarge]',
      'condition Open is open: parameter Family has no default: state it with --parameter Family=value',
    ],
    ['!ImportValue shared-type', 'it is imported from a stack that is no part of this change (shared-type)'],
    ['!GetAtt Other.Arn', 'it is Other.Arn, which is known once that exists'],
    [`!Sub x-\${Other}`, 'the name of Other in it is known once that exists'],
    ['!FindInMap [Types, eu-north-1, web]', 'mapping Types has no "web" of "eu-north-1"'],
    ['!Frobnicate [1]', 'Fn::Frobnicate is no function that Bursar knows'],
    ['!Ref Nothing', 'no parameter or resource Nothing stands in the template'],
    ['!Select [0, !GetAZs ""]', 'the Availability Zones are known when it is deployed'],
    ['"{{resolve:ssm:/app/type}}"', '{{resolve:ssm:/app/type}} is looked up when it is deployed'],
    ['[m5.large]', 'it is a list'],
    ['{ a: 1, b: 2 }', 'it is a mapping'],
  ])('%s is not known, and says why', (written, why) => {
    const item = notebook(written);
    expect(item.unpriced).toEqual([`\`InstanceType\` is not known: ${why}.`]);
    expect(item.parts.map(({ what }) => what)).toEqual(['5 GiB of storage']);
    expect(item.choice).toBeUndefined();
  });

  it('takes stated parameters', () => {
    expect(
      typeOf(notebook(`!Sub \${Family}.\${Size}`, { parameters: { Family: 'c5', Size: 'xlarge' } })),
    ).toBe('c5.xlarge');
    expect(typeOf(notebook('!Ref Stored', { parameters: { Stored: 'ml.c5.large' } }))).toBe('ml.c5.large');
    expect(notebook('!Ref Stored', { parameters: { Stored: '/other' } }).unpriced).toHaveLength(1);
  });

  it('knows where the literal stands that a type comes from', () => {
    const pathOf = (written: string): string | undefined => notebook(written).choice?.at.path.join('/');
    const own = 'Resources/Book/Properties/InstanceType';
    expect(pathOf('m5.large')).toBe(own);
    expect(pathOf('!If [Here, m5.large, m5.xlarge]')).toBe(`${own}/1`);
    expect(pathOf('{ "Fn::If": [There, m5.large, m5.xlarge] }')).toBe(`${own}/Fn::If/2`);
    expect(pathOf('!FindInMap [Types, !Ref AWS::Region, web]')).toBe('Mappings/Types/us-east-1/web');
    expect(pathOf('!Ref Size')).toBe('Parameters/Size/Default');
    expect(pathOf(`!Sub m5.\${Size}`)).toBeUndefined();
  });
});

describe('conditions of resources', () => {
  const template = (condition: string): string => `${HEAD}Resources:
  Book:
    Type: AWS::SageMaker::NotebookInstance
    Condition: ${condition}
    Properties: { InstanceType: ml.t3.medium }
`;
  const itemsOf = (condition: string): readonly ChangeItem[] =>
    readTemplate(template(condition), 'app.yaml', OPTIONS).items;

  it('leave out what they do not hold for', () => {
    expect(itemsOf('Here')).toHaveLength(1);
    expect(itemsOf('There')).toEqual([]);
  });

  it('count what they leave open, and say so', () => {
    const [item] = itemsOf('Open');
    expect(item?.parts).toHaveLength(2);
    expect(item?.unpriced).toEqual([
      'Counted as made, which its condition leaves open: parameter Family has no default: state it with --parameter Family=value.',
    ]);
  });
});

describe('projects', () => {
  const projectOf = (tags: string, options: Partial<TemplateOptions> = {}): ChangeItem => {
    const text = `${HEAD}Resources:
  Book: { Type: AWS::SageMaker::NotebookInstance, Properties: { InstanceType: ml.t3.medium${tags} } }
`;
    const [item] = readTemplate(text, 'app.yaml', { ...OPTIONS, ...options }).items;
    if (item === undefined) throw new Error('no item');
    return item;
  };

  it('come from its tags, then from those of the stack, then from what is stated', () => {
    const options = { tags: { project: 'of-stack' }, defaultProject: 'stated' };
    const own = `, Tags: [{ Key: team, Value: x }, { Key: project, Value: !Sub "own-\${Size}" }]`;
    expect(projectOf(own, options).project).toBe('own-large');
    expect(projectOf('', options).project).toBe('of-stack');
    expect(projectOf('', { defaultProject: 'stated' }).project).toBe('stated');
    expect(projectOf('').project).toBeUndefined();
    expect(projectOf(own, { projectTag: 'team' }).project).toBe('x');
  });

  it('are not guessed where the tag is not known', () => {
    const item = projectOf(', Tags: [{ Key: project, Value: !Ref Family }]', { defaultProject: 'stated' });
    expect(item.project).toBeUndefined();
    expect(item.unpriced).toEqual([
      'Its tag project is not known: parameter Family has no default: state it with --parameter Family=value.',
    ]);
  });
});
