import * as z from 'zod';
import type { LoopbackAnswer, LoopbackRequest } from './loopback.ts';

/** Answers one operation of SageMaker. */
export type SageMakerCall = (operation: string, request: LoopbackRequest) => Promise<LoopbackAnswer>;

/** One that moto knows. */
const KNOWN_TYPE = 'ml.m5.xlarge';

const ConfigSchema = z.looseObject({
  EndpointConfigName: z.string(),
  ProductionVariants: z
    .array(z.looseObject({ VariantName: z.string(), InstanceType: z.string().optional() }))
    .default([]),
});

/**
 * Endpoint configurations of any instance type: moto refuses what is newer than its list (`ml.p4d`, `ml.g5`). It is
 * told of one that it knows, and what was asked for is put back where it describes the configuration.
 */
export function withAnyInstanceType(ask: SageMakerCall): SageMakerCall {
  /** By configuration and variant. */
  const asked = new Map<string, ReadonlyMap<string, string | undefined>>();
  return async (operation, request) => {
    switch (operation) {
      case 'CreateEndpointConfig': {
        const config = ConfigSchema.parse(JSON.parse(request.body));
        const answer = await ask(operation, {
          ...request,
          body: JSON.stringify(withTypes(config, (type) => type && KNOWN_TYPE)),
        });
        if (answer.status === 200) asked.set(config.EndpointConfigName, typesOf(config));
        return answer;
      }
      case 'DescribeEndpointConfig': {
        const answer = await ask(operation, request);
        if (answer.status !== 200) return answer;
        const config = ConfigSchema.parse(JSON.parse(answer.body));
        const types = asked.get(config.EndpointConfigName);
        return {
          ...answer,
          body: JSON.stringify(withTypes(config, (type, variant) => types?.get(variant) ?? type)),
        };
      }
      default:
        return ask(operation, request);
    }
  };
}

type Config = z.infer<typeof ConfigSchema>;

const typesOf = ({ ProductionVariants }: Config): ReadonlyMap<string, string | undefined> =>
  new Map(ProductionVariants.map(({ VariantName, InstanceType }) => [VariantName, InstanceType]));

const withTypes = (
  { ProductionVariants, ...rest }: Config,
  typeOf: (type: string | undefined, variant: string) => string | undefined,
): object => ({
  ...rest,
  ProductionVariants: ProductionVariants.map((variant) => ({
    ...variant,
    InstanceType: typeOf(variant.InstanceType, variant.VariantName),
  })),
});
