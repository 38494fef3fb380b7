import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { RegionClients } from '../../fleet/clients.ts';
import type { Clock } from '../../types/clock.ts';
import type { ResourceKind } from '../../types/resource.ts';
import { Agenda } from '../agenda.ts';
import { answering } from './answering.ts';
import { autoScalingIn } from './auto-scaling.ts';
import { balancersIn } from './beside.ts';
import { budgetsIn } from './budgets.ts';
import { cloudwatchIn } from './cloudwatch.ts';
import { costExplorerIn } from './cost-explorer.ts';
import { ec2In } from './ec2.ts';
import { rdsIn } from './rds.ts';
import { sagemakerIn } from './sagemaker.ts';
import { scalingIn } from './sagemaker-scaling.ts';
import { type AccountState, ELSEWHERE, type MemoryBill, REGION, type Touched } from './state.ts';
import { taggingIn } from './tagging.ts';
import { ToldMap } from './told-map.ts';
import { changeOf, type InstanceChange } from './truth.ts';

/**
 * An AWS account in memory behind SDK clients that ask nobody: what the adapters of `lib/fleet` ask of AWS is answered
 * from what is in its maps. What nobody put there is empty.
 */
export function createAccount(now: Clock, regions: readonly string[] = [REGION, ELSEWHERE]) {
  const changes: InstanceChange[] = [];
  const bills: MemoryBill[] = [];
  const touched: Touched[] = [];
  const later = new Agenda<Touched>();
  const touch = (one: Touched): void => {
    touched.push(one);
  };
  const told = <V extends { readonly region?: string }>(kindOf: (value: V) => ResourceKind) =>
    new ToldMap<string, V>((id, value, before) => {
      const one = value ?? before;
      if (one !== undefined) touch({ kind: kindOf(one), region: one.region ?? REGION, id });
    });
  const state: AccountState = {
    now,
    touch,
    touchAt: (at, one) => later.put(at.getTime(), one),
    instances: new ToldMap((id, one, before) => {
      touch({ kind: 'ec2-instance', region: (one ?? before)?.region ?? REGION, id });
      const change = one === undefined ? undefined : changeOf(one, before, now());
      if (change !== undefined) changes.push(change);
    }),
    changes,
    endpoints: told(() => 'sagemaker-endpoint'),
    groups: told(() => 'auto-scaling-group'),
    databases: told(() => 'rds-instance'),
    notebooks: told(() => 'sagemaker-notebook'),
    apps: told(() => 'sagemaker-studio-app'),
    // By their kind and name here, and by their name for the kind.
    jobs: new ToldMap((_key, value, before) => {
      const one = value ?? before;
      if (one !== undefined) touch({ kind: one.kind, region: one.region ?? REGION, id: one.name });
    }),
    volumes: told(() => 'ebs-volume'),
    gateways: told(() => 'nat-gateway'),
    balancers: told(() => 'load-balancer'),
    recorded: new Map(),
    budgets: new Map(),
    bills,
    billing: { bills: () => bills },
    asked: { costExplorer: 0, metrics: 0 },
    effects: [],
    restored: [],
    health: { metrics: true, costExplorer: true },
  };
  const clientsOf = (name: string): RegionClients => ({
    ec2: ec2In(state, name),
    cloudwatch: cloudwatchIn(state, name),
    sagemaker: sagemakerIn(state, name),
    autoscaling: scalingIn(state, name),
    groups: autoScalingIn(state, name),
    rds: rdsIn(state, name),
    balancers: balancersIn(state, name),
    tagging: taggingIn(state, name),
  });
  return {
    ...state,
    clientsOf,
    clients: clientsOf(REGION),
    budgetsClient: budgetsIn(state),
    costExplorer: costExplorerIn(state),
    cloudTrails: new Map(
      regions.map((region) => [region, answering(new CloudTrailClient({ region })).client]),
    ),
    /** What has changed since it was last asked, of itself as well; each once. */
    takeTouched: (): readonly Touched[] => {
      const all = [...touched.splice(0), ...later.take(now().getTime())];
      return [...new Map(all.map((one) => [`${one.kind} ${one.region} ${one.id}`, one])).values()];
    },
    /** When the next entry changes by itself, in epoch milliseconds; infinite where none does. */
    nextTouch: (): number => later.first,
  };
}

export type MemoryAccount = ReturnType<typeof createAccount>;
