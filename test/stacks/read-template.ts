import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';

const TemplateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
    }),
  ),
});

/** A resource of a template; see `plain` for its properties. */
export interface TemplateResource {
  readonly id: string;
  readonly type: string;
  readonly properties: unknown;
  readonly deletionPolicy: string | undefined;
  readonly updateReplacePolicy: string | undefined;
}

/** The resources of a type, such as `AWS::SQS::Queue`, by logical id. Throws where there is none. */
export function resourcesOf(template: Template, type: string): readonly TemplateResource[] {
  const found = anyOf(template, type);
  if (found.length === 0) throw new Error(`the template has no ${type}`);
  return found;
}

const anyOf = (template: Template, type: string): readonly TemplateResource[] =>
  Object.entries(TemplateSchema.parse(template.toJSON()).Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({
      id: readable(id),
      type,
      properties: plain(resource.Properties),
      deletionPolicy: resource.DeletionPolicy,
      updateReplacePolicy: resource.UpdateReplacePolicy,
    }));

/** `EnforcerSweepRole6F7148F1` → `EnforcerSweepRole`: without the hash of the path. */
const readable = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');

const ReferenceSchema = z.strictObject({ Ref: z.string() });
const AttributeSchema = z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const JoinSchema = z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });
const SubSchema = z.strictObject({ 'Fn::Sub': z.string() });

/** The value with intrinsic functions as text: `<EnforcerKey.Arn>`, `arn:<AWS::Partition>:ec2:*:*:instance/*`. */
export function plain(value: unknown): unknown {
  const reference = ReferenceSchema.safeParse(value);
  if (reference.success) return `<${readable(reference.data.Ref)}>`;
  const attribute = AttributeSchema.safeParse(value);
  if (attribute.success) {
    const [id, name] = attribute.data['Fn::GetAtt'];
    return `<${readable(id)}.${name}>`;
  }
  const join = JoinSchema.safeParse(value);
  if (join.success) {
    const [separator, parts] = join.data['Fn::Join'];
    return parts.map(plain).join(separator);
  }
  const sub = SubSchema.safeParse(value);
  if (sub.success) return sub.data['Fn::Sub'].replaceAll(/\$\{([^}]+)\}/g, '<$1>');
  if (Array.isArray(value)) return value.map(plain);
  const record = z.record(z.string(), z.unknown()).safeParse(value);
  if (!record.success) return value;
  return Object.fromEntries(Object.entries(record.data).map(([name, inner]) => [name, plain(inner)]));
}

/** CloudFormation writes a list of one as the one. */
const ListSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((some) => (typeof some === 'string' ? [some] : some));

const StatementSchema = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: ListSchema,
    /** Absent in a trust policy, which is about its role. */
    Resource: ListSchema.default([]),
    Principal: z.unknown().optional(),
    Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  })
  .transform(({ Effect, Action, Resource, Principal, Condition }) => ({
    effect: Effect,
    actions: Action,
    resources: Resource,
    principal: Principal,
    condition: Condition,
  }));
export type Statement = z.infer<typeof StatementSchema>;

/** An IAM policy document, all of whose intrinsics are already text. */
export const DocumentSchema = z
  .object({ Statement: z.array(StatementSchema) })
  .transform((document) => document.Statement);

const RolePolicySchema = z.object({ PolicyDocument: z.unknown(), Roles: z.array(z.string()).default([]) });

/**
 * What each role may do, by the role's readable id without its brackets. What is more than IAM lets a role have
 * inline (10,240 characters) CDK puts into managed policies of the role.
 */
export function grantsByRole(template: Template): ReadonlyMap<string, readonly Statement[]> {
  const grants = new Map<string, readonly Statement[]>();
  const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];
  for (const { properties } of policies.flatMap((type) => anyOf(template, type))) {
    const { PolicyDocument, Roles } = RolePolicySchema.parse(properties);
    for (const role of Roles) {
      const name = role.slice(1, -1);
      grants.set(name, [...(grants.get(name) ?? []), ...DocumentSchema.parse(PolicyDocument)]);
    }
  }
  return grants;
}
