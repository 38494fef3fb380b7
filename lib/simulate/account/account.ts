import type { RegionClients } from '../../fleet/clients.ts';
import type { Clock } from '../../types/clock.ts';
import type { ResourceKind } from '../../types/resource.ts';
import { Agenda } from '../agenda.ts';
import { autoScalingIn } from './auto-scaling.ts';
import { balancersIn } from './beside.ts';
import { budgetsIn } from './budgets.ts';
import { cloudtrailIn, type TrailRecord } from './cloudtrail.ts';
import { cloudwatchIn } from './cloudwatch.ts';
import { costExplorerIn } from './cost-explorer.ts';
import { ec2In } from './ec2.ts';
import { rdsIn } from './rds.ts';
import { sagemakerIn } from './sagemaker.ts';
import { scalingIn } from './sagemaker-scaling.ts';
import { ACCOUNT, type AccountState, ELSEWHERE, type MemoryBill, REGION, type Touched } from './state.ts';
import { taggingIn } from './tagging.ts';
import { ToldMap } from './told-map.ts';
import { changeOf, type InstanceChange } from './truth.ts';

/**
 * An AWS account in memory behind SDK clients that ask nobody: what the adapters of `lib/fleet` ask of AWS is answered
 * from what is in its maps. What nobody put there is empty.
 * @param number of the account, 12 digits
 */
export function createAccount(
  now: Clock,
  regions: readonly string[] = [REGION, ELSEWHERE],
  number: string = ACCOUNT,
) {
  const changes: InstanceChange[] = [];
  const bills: MemoryBill[] = [];
  /** What CloudTrail tells of; it may grow. */
  const trail: TrailRecord[] = [];
  const touched: Touched[] = [];
  const later = new Agenda<Touched>();
  const touch = (one: Touched): void => {
    touched.push(one);
  };
  /** @param idOf what its kind calls it, where that is not its key */
  const told = <V extends { readonly region?: string }>(
    kindOf: (value: V) => ResourceKind,
    idOf?: (value: V) => string,
  ) =>
    new ToldMap<string, V>((key, value, before) => {
      const one = value ?? before;
      if (one === undefined) return;
      touch({ kind: kindOf(one), region: one.region ?? REGION, id: idOf?.(one) ?? key });
    });
  const state: AccountState = {
    account: number,
    now,
    touch,
    touchAt: (at, one) => later.put(at.getTime(), one),
    instances: new ToldMap((id, one, before) => {
      touch({ kind: 'ec2-instance', region: (one ?? before)?.region ?? REGION, id });
      const change = one === undefined ? undefined : changeOf(one, before, now());
      if (change !== undefined) changes.push(change);
    }),
    changes,
    endpoints: told(
      () => 'sagemaker-endpoint',
      ({ name }) => name,
    ),
    groups: told(() => 'auto-scaling-group'),
    databases: told(() => 'rds-instance'),
    notebooks: told(
      () => 'sagemaker-notebook',
      ({ name }) => name,
    ),
    apps: told(() => 'sagemaker-studio-app'),
    jobs: told(
      ({ kind }) => kind,
      ({ name }) => name,
    ),
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
  const made = new Map<string, RegionClients>();
  const clientsOf = (name: string): RegionClients => {
    const clients = made.get(name) ?? clientsIn(state, name);
    made.set(name, clients);
    return clients;
  };
  return {
    ...state,
    clientsOf,
    clients: clientsOf(REGION),
    budgetsClient: budgetsIn(state),
    costExplorer: costExplorerIn(state),
    trail,
    cloudTrails: new Map(regions.map((region) => [region, cloudtrailIn(trail, region, now)])),
    /** What has changed since it was last asked, of itself as well; each once. */
    takeTouched: (): readonly Touched[] => {
      const all = [...touched.splice(0), ...later.take(now().getTime())];
      return [...new Map(all.map((one) => [`${one.kind} ${one.region} ${one.id}`, one])).values()];
    },
    /** When the next entry changes by itself, in epoch milliseconds; infinite where none does. */
    nextTouch: (): number => later.first,
  };
}

/** The clients of one region. */
const clientsIn = (state: AccountState, region: string): RegionClients => ({
  ec2: ec2In(state, region),
  cloudwatch: cloudwatchIn(state, region),
  sagemaker: sagemakerIn(state, region),
  autoscaling: scalingIn(state, region),
  groups: autoScalingIn(state, region),
  rds: rdsIn(state, region),
  balancers: balancersIn(state, region),
  tagging: taggingIn(state, region),
});

export type MemoryAccount = ReturnType<typeof createAccount>;
