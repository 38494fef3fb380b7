import {
  ApplicationAutoScalingClient,
  ApplicationAutoScalingServiceException,
  DeleteScalingPolicyCommand,
  DeleteScheduledActionCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { arnOf } from '../../fleet/arn.ts';
import { answering } from './answering.ts';
import {
  type EndpointScaling,
  everyScalable,
  NOT_SUSPENDED,
  SCALING_ROLE,
  SERVICE,
  scaledOf,
  scalingOf,
} from './sagemaker-scaling-kept.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import { countsOf, setComponentCopies, updateVariants, variantsOf } from './sagemaker-variants.ts';
import type { AccountState } from './state.ts';

const refused = (name: string, message: string) =>
  new ApplicationAutoScalingServiceException({ name, message, $fault: 'client', $metadata: {} });

/** What names a target, and what hangs on it. */
interface Dimensioned {
  readonly ScalableDimension?: string | undefined;
}
const of =
  (dimension: string | undefined) =>
  ({ ScalableDimension }: Dimensioned): boolean =>
    dimension === undefined || ScalableDimension === dimension;
const notOf =
  (dimension: string | undefined) =>
  ({ ScalableDimension }: Dimensioned): boolean =>
    ScalableDimension !== dimension;

/**
 * Application Auto Scaling of one region, in O(1) for each id. A target that is registered moves the capacity into its
 * range, as on AWS; nothing else here moves it: neither use nor schedules.
 */
export function scalingIn(state: AccountState, region: string): ApplicationAutoScalingClient {
  const read = (id: string): EndpointScaling => scalingOf(state, region, id);
  const change = (id: string, more: Partial<EndpointScaling>): void => {
    sagemakerOf(state).scaling.set(`${region}/${id}`, { ...read(id), ...more });
  };
  const asked = (ids: readonly string[]): readonly string[] =>
    ids.length > 0 ? ids : everyScalable(state, region);
  const arn = (what: string): string => arnOf('autoscaling', region, state.account, what);
  /** @throws ObjectNotFoundException where it is not scaled. */
  const requireTarget = (id: string, dimension: string | undefined): void => {
    if (read(id).targets.some(of(dimension))) return;
    throw refused(
      'ObjectNotFoundException',
      `No scalable target registered for service namespace: sagemaker, resource ID: ${id}, scalable dimension: ${dimension}`,
    );
  };

  const answers = answering(new ApplicationAutoScalingClient({ region }));
  answers.on(DescribeScalableTargetsCommand, ({ ResourceIds = [], ScalableDimension }) => ({
    ScalableTargets: asked(ResourceIds).flatMap((id) => read(id).targets.filter(of(ScalableDimension))),
  }));
  answers.on(DescribeScalingPoliciesCommand, ({ ResourceId, ScalableDimension, PolicyNames = [] }) => ({
    ScalingPolicies: asked(ResourceId === undefined ? [] : [ResourceId])
      .flatMap((id) => read(id).policies.filter(of(ScalableDimension)))
      .filter(({ PolicyName = '' }) => PolicyNames.length === 0 || PolicyNames.includes(PolicyName)),
  }));
  answers.on(DescribeScheduledActionsCommand, ({ ResourceId, ScalableDimension }) => ({
    ScheduledActions: asked(ResourceId === undefined ? [] : [ResourceId]).flatMap((id) =>
      read(id).actions.filter(of(ScalableDimension)),
    ),
  }));

  answers.on(RegisterScalableTargetCommand, (input) => {
    const { ResourceId = '', ScalableDimension } = input;
    const { targets } = read(ResourceId);
    const before = targets.find(of(ScalableDimension));
    const MinCapacity = input.MinCapacity ?? before?.MinCapacity;
    const MaxCapacity = input.MaxCapacity ?? before?.MaxCapacity;
    if (MinCapacity === undefined || MaxCapacity === undefined) {
      const needed = 'MinCapacity and MaxCapacity are required to register a new scalable target.';
      throw refused('ValidationException', needed);
    }
    if (MinCapacity > MaxCapacity) {
      throw refused('ValidationException', 'Maximum capacity cannot be less than minimum capacity');
    }
    moveInto(state, region, ResourceId, ScalableDimension, MinCapacity, MaxCapacity);
    const target = {
      ...SERVICE,
      ResourceId,
      ScalableDimension,
      MinCapacity,
      MaxCapacity,
      RoleARN: SCALING_ROLE,
      CreationTime: before?.CreationTime ?? state.now(),
      SuspendedState: { ...NOT_SUSPENDED, ...before?.SuspendedState, ...input.SuspendedState },
    };
    change(ResourceId, { targets: [...targets.filter((one) => one !== before), target] });
    return {};
  });
  answers.on(DeregisterScalableTargetCommand, ({ ResourceId = '', ScalableDimension }) => {
    requireTarget(ResourceId, ScalableDimension);
    const { targets, policies, actions } = read(ResourceId);
    const others = notOf(ScalableDimension);
    change(ResourceId, {
      targets: targets.filter(others),
      policies: policies.filter(others),
      actions: actions.filter(others),
    });
    return {};
  });

  answers.on(PutScalingPolicyCommand, (input) => {
    const { ResourceId = '', ScalableDimension, PolicyName } = input;
    requireTarget(ResourceId, ScalableDimension);
    const { policies } = read(ResourceId);
    const before = policies.find((one) => of(ScalableDimension)(one) && one.PolicyName === PolicyName);
    const PolicyARN = arn(`scalingPolicy:resource/sagemaker/${ResourceId}:policyName/${PolicyName}`);
    const policy = {
      ...before,
      ...input,
      ...SERVICE,
      PolicyARN,
      PolicyType: input.PolicyType ?? before?.PolicyType ?? 'StepScaling',
      CreationTime: before?.CreationTime ?? state.now(),
    };
    change(ResourceId, { policies: [...policies.filter((one) => one !== before), policy] });
    return { PolicyARN, Alarms: [] };
  });
  answers.on(DeleteScalingPolicyCommand, ({ ResourceId = '', ScalableDimension, PolicyName }) => {
    const { policies } = read(ResourceId);
    const one = policies.find((each) => of(ScalableDimension)(each) && each.PolicyName === PolicyName);
    if (one === undefined) throw refused('ObjectNotFoundException', `No scaling policy found: ${PolicyName}`);
    change(ResourceId, { policies: policies.filter((each) => each !== one) });
    return {};
  });

  answers.on(PutScheduledActionCommand, (input) => {
    const { ResourceId = '', ScalableDimension, ScheduledActionName: name } = input;
    requireTarget(ResourceId, ScalableDimension);
    const { actions } = read(ResourceId);
    const before = actions.find((one) => of(ScalableDimension)(one) && one.ScheduledActionName === name);
    const action = {
      ...before,
      ...input,
      ...SERVICE,
      Schedule: input.Schedule ?? before?.Schedule,
      ScheduledActionARN: arn(`scheduledAction:resource/sagemaker/${ResourceId}:scheduledActionName/${name}`),
      CreationTime: before?.CreationTime ?? state.now(),
    };
    change(ResourceId, { actions: [...actions.filter((one) => one !== before), action] });
    return {};
  });
  answers.on(
    DeleteScheduledActionCommand,
    ({ ResourceId = '', ScalableDimension, ScheduledActionName: name }) => {
      const { actions } = read(ResourceId);
      const one = actions.find((each) => of(ScalableDimension)(each) && each.ScheduledActionName === name);
      if (one === undefined) throw refused('ObjectNotFoundException', `No scheduled action found: ${name}`);
      change(ResourceId, { actions: actions.filter((each) => each !== one) });
      return {};
    },
  );
  return answers.client;
}

/** @throws ValidationException where there is nothing of that id. */
function moveInto(
  state: AccountState,
  region: string,
  id: string,
  dimension: string | undefined,
  least: number,
  most: number,
): void {
  const scaled = scaledOf(state, region, id);
  if (scaled === undefined) throw refused('ValidationException', `Could not find ${id}.`);
  const { endpoint } = scaled;
  const within = (count: number): number => Math.min(Math.max(count, least), most);
  switch (scaled.what) {
    case 'component': {
      const component = sagemakerOf(state).components.get(`${region}/${scaled.component}`);
      if (component === undefined || within(component.copies) === component.copies) return;
      setComponentCopies(state, endpoint, component, within(component.copies));
      return;
    }
    case 'variant': {
      const variant = variantsOf(endpoint).find(({ name }) => name === scaled.variant);
      if (variant === undefined || dimension !== 'sagemaker:variant:DesiredInstanceCount') return;
      const { desired } = countsOf(endpoint, variant, state.now());
      if (within(desired) === desired) return;
      updateVariants(state, endpoint, [{ name: variant.name, count: within(desired) }]);
    }
  }
}
