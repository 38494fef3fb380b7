import { arnOf } from '../../fleet/arn.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import type { AccountState } from './state.ts';

/** The first part of the resource of an ARN. */
export type ArnType =
  | 'endpoint'
  | 'endpoint-config'
  | 'model'
  | 'inference-component'
  | 'notebook-instance'
  | 'app'
  | 'training-job'
  | 'processing-job';

/** `name` of an app is `domain/owner/type/name`. */
export function arnIn(state: AccountState, region: string, type: ArnType, name: string): string {
  const spelt = sagemakerOf(state).spelling.get(`${region}/${type}/${name}`);
  return arnOf('sagemaker', region, state.account, `${type}/${spelt ?? name}`);
}

/** From now on the ARN of that one spells its name so: AWS writes names small in some ARNs. */
export function spell(state: AccountState, region: string, type: ArnType, name: string, inArn: string): void {
  if (inArn === name) return;
  const { spelling, meant } = sagemakerOf(state);
  spelling.set(`${region}/${type}/${name}`, inArn);
  meant.set(`${region}/${type}/${inArn}`, name);
}

/** What an ARN of that region names; `undefined` where it is of another service or region. */
export function namedBy(
  state: AccountState,
  region: string,
  arn: string,
): { readonly type: string; readonly name: string } | undefined {
  const [, type, inArn] = /^arn:[^:]+:sagemaker:[^:]*:[^:]*:([^/]+)\/(.+)$/.exec(arn) ?? [];
  if (type === undefined || inArn === undefined || arn.split(':')[3] !== region) return undefined;
  return { type, name: sagemakerOf(state).meant.get(`${region}/${type}/${inArn}`) ?? inArn };
}
