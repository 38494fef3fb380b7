import {
  CreateInferenceComponentCommand,
  DeleteInferenceComponentCommand,
  DescribeInferenceComponentCommand,
  ListInferenceComponentsCommand,
  type SageMakerClient,
  UpdateInferenceComponentRuntimeConfigCommand,
} from '@aws-sdk/client-sagemaker';
import type { Answers } from './answering.ts';
import { arnIn } from './sagemaker-arns.ts';
import { findIn } from './sagemaker-keys.ts';
import { pageOf } from './sagemaker-pages.ts';
import { missing, refused } from './sagemaker-refusals.ts';
import type { MemoryComponent } from './sagemaker-shape.ts';
import { sagemakerOf } from './sagemaker-state.ts';
import { tagMap } from './sagemaker-tags.ts';
import {
  componentsIn,
  copiesNow,
  dropComponent,
  putComponent,
  setComponentCopies,
  variantsOf,
} from './sagemaker-variants.ts';
import type { AccountState } from './state.ts';

/** Inference components of one region. They are gone with their endpoint. */
export function answerComponents(
  answers: Answers<SageMakerClient>,
  state: AccountState,
  region: string,
): void {
  const { components } = sagemakerOf(state);
  const arn = (name: string): string => arnIn(state, region, 'inference-component', name);
  const endpointOf = (name: string) => {
    const one = findIn(state.endpoints, region, name);
    return one === undefined || one.deletedAt !== undefined ? undefined : one;
  };
  const find = (name = '') => {
    const component = components.get(`${region}/${name}`);
    const endpoint = component === undefined ? undefined : endpointOf(component.endpoint);
    if (component === undefined || endpoint === undefined) {
      throw missing(`inference component "${arn(name)}"`);
    }
    return { component, endpoint };
  };
  const summary = (one: MemoryComponent): object => ({
    InferenceComponentName: one.name,
    InferenceComponentArn: arn(one.name),
    InferenceComponentStatus: isChanging(one, state.now()) ? 'Updating' : 'InService',
    EndpointName: one.endpoint,
    EndpointArn: arnIn(state, region, 'endpoint', one.endpoint),
    VariantName: one.variant,
  });
  const inEndpoint = (name: string) =>
    endpointOf(name) === undefined ? [] : componentsIn(state, region, name);
  const everywhere = () =>
    [...components]
      .filter(([key]) => key.startsWith(`${region}/`))
      .map(([, one]) => one)
      .filter(({ endpoint }) => endpointOf(endpoint) !== undefined)
      .map(({ name }) => name);

  answers.on(ListInferenceComponentsCommand, ({ EndpointNameEquals: of, ...asked }) => {
    // An endpoint has few: all of them are on one page.
    if (of !== undefined) return { InferenceComponents: inEndpoint(of).map(summary) };
    const { items, more } = pageOf(state, asked, everywhere);
    const found = items.flatMap((name) => components.get(`${region}/${name}`) ?? []);
    return { InferenceComponents: found.map(summary), ...more };
  });
  answers.on(DescribeInferenceComponentCommand, ({ InferenceComponentName }) => {
    const { component } = find(InferenceComponentName);
    return {
      ...summary(component),
      Specification: component.base === undefined ? {} : { BaseInferenceComponentName: component.base },
      ...(component.base === undefined
        ? {
            RuntimeConfig: {
              DesiredCopyCount: component.copies,
              CurrentCopyCount: copiesNow(component, state.now()),
            },
          }
        : {}),
    };
  });
  answers.on(UpdateInferenceComponentRuntimeConfigCommand, (input) => {
    const { component, endpoint } = find(input.InferenceComponentName);
    const at = state.now();
    if (isChanging(component, at)) {
      throw refused(`Cannot update in-progress inference component "${arn(component.name)}".`);
    }
    const copies = input.DesiredRuntimeConfig?.CopyCount ?? 0;
    setComponentCopies(state, endpoint, component, copies);
    if (copies < component.copies) state.effects.push({ at, id: endpoint.name });
    if (copies > component.copies) state.restored.push({ at, id: endpoint.name });
    return { InferenceComponentArn: arn(component.name) };
  });
  answers.on(CreateInferenceComponentCommand, (input) => {
    const {
      InferenceComponentName: name = '',
      EndpointName = '',
      Specification,
      RuntimeConfig,
      Tags,
    } = input;
    const endpoint = endpointOf(EndpointName);
    if (endpoint === undefined) throw missing(`endpoint "${arnIn(state, region, 'endpoint', EndpointName)}"`);
    if (components.has(`${region}/${name}`)) {
      throw refused(`Cannot create already existing inference component "${arn(name)}".`);
    }
    const base = Specification?.BaseInferenceComponentName;
    putComponent(state, region, {
      name,
      endpoint: EndpointName,
      variant: input.VariantName ?? variantsOf(endpoint)[0]?.name ?? '',
      tags: tagMap(Tags),
      copies: base === undefined ? (RuntimeConfig?.CopyCount ?? 1) : 0,
      ...(base === undefined ? {} : { base }),
    });
    return { InferenceComponentArn: arn(name) };
  });
  answers.on(DeleteInferenceComponentCommand, ({ InferenceComponentName }) => {
    dropComponent(state, region, find(InferenceComponentName).component);
    return {};
  });
}

const isChanging = ({ before }: MemoryComponent, now: Date): boolean =>
  before !== undefined && now < before.until;
