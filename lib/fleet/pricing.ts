import { type Filter, GetProductsCommand, type PricingClient } from '@aws-sdk/client-pricing';
import * as z from 'zod';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../types/clock.ts';
import { parseUsd, type Usd } from '../types/money.ts';
import type { PriceBook, PriceKey, SageMakerUse } from './prices.ts';

const FRESH_MS = 24 * 3_600_000;
/** After a failure: long enough for one sweep to ask once a price, short enough for the next to try again. */
const FAILED_MS = 4 * 60_000;

interface Answer {
  readonly hourly: Usd | undefined;
  /** Good until then, in epoch milliseconds. */
  readonly until: number;
}

/**
 * On-demand prices of the Pricing API, kept in the ledger for a day so that a sweep asks for none. Where
 * the API fails, the last known price is used; a price that was never known is `undefined`, never zero.
 */
export function createPriceBook(deps: {
  readonly pricing: PricingClient;
  readonly ledger: Pick<Ledger, 'price' | 'savePrice'>;
  readonly now: Clock;
  /** Told of each price that could not be read; a price never stops the work. */
  readonly onError: (key: string, error: unknown) => void;
}): PriceBook {
  const asked = new Map<string, { readonly hourly: Promise<Usd | undefined>; until: number }>();
  return {
    hourly: (key) => {
      const name = nameOf(key);
      const known = asked.get(name);
      if (known !== undefined && deps.now().getTime() < known.until) return known.hourly;
      const answer = find(key, name, deps);
      // Whoever asks while the answer is under way waits for the same one.
      const entry = { hourly: answer.then(({ hourly }) => hourly), until: Number.POSITIVE_INFINITY };
      asked.set(name, entry);
      void answer.then(({ until }) => {
        entry.until = until;
      });
      return entry.hourly;
    },
  };
}

/** Never throws. */
async function find(
  key: PriceKey,
  name: string,
  { pricing, ledger, now, onError }: Parameters<typeof createPriceBook>[0],
): Promise<Answer> {
  let last: Awaited<ReturnType<Ledger['price']>>;
  try {
    last = await ledger.price(name);
    const freshUntil = last === undefined ? 0 : last.asOf.getTime() + FRESH_MS;
    if (now().getTime() < freshUntil) return { hourly: last?.hourly, until: freshUntil };
    const hourly = await ask(key, pricing);
    await ledger.savePrice(name, hourly, now());
    return { hourly, until: now().getTime() + FRESH_MS };
  } catch (error) {
    onError(name, error);
    return { hourly: last?.hourly, until: now().getTime() + FAILED_MS };
  }
}

const nameOf = (key: PriceKey): string => Object.values(key).join('/');

async function ask(key: PriceKey, pricing: PricingClient): Promise<Usd | undefined> {
  const asked = question(key);
  if (asked === undefined) return undefined;
  const { ServiceCode, filters, accepts } = asked;
  const answer = await pricing.send(
    new GetProductsCommand({
      ServiceCode,
      FormatVersion: 'aws_v1',
      MaxResults: 100,
      Filters: Object.entries(filters).map(
        ([Field, Value]): Filter => ({ Type: 'TERM_MATCH', Field, Value }),
      ),
    }),
  );
  const entries: readonly unknown[] = answer.PriceList ?? [];
  const prices = entries.flatMap((entry) => {
    const product = ProductSchema.safeParse(parseJson(entry));
    return product.success && accepts(product.data.product.attributes) ? hourlyOf(product.data) : [];
  });
  // More than one price means that the filters no longer tell the products apart: then none is right.
  const [price, ...others] = new Set(prices);
  return others.length === 0 ? price : undefined;
}

interface Question {
  readonly ServiceCode: string;
  readonly filters: Readonly<Record<string, string>>;
  /** Some products differ only in attributes that the API does not filter by as one expects. */
  readonly accepts: (attributes: Readonly<Record<string, string>>) => boolean;
}

/** `undefined` where no one product is known to be charged. */
function question(key: PriceKey): Question | undefined {
  switch (key.service) {
    case 'ec2':
      return {
        ServiceCode: 'AmazonEC2',
        filters: {
          instanceType: key.instanceType,
          regionCode: key.region,
          operatingSystem: key.system,
          preInstalledSw: 'NA',
          tenancy: 'Shared',
          capacitystatus: 'Used',
          licenseModel: 'No License required',
        },
        accepts: () => true,
      };
    case 'sagemaker-hosting':
    case 'sagemaker-notebook':
    case 'sagemaker-studio-jupyterlab':
    case 'sagemaker-studio-codeeditor':
    case 'sagemaker-studio-kernelgateway':
    case 'sagemaker-training':
    case 'sagemaker-processing':
      return {
        ServiceCode: 'AmazonSageMaker',
        filters: { productFamily: 'ML Instance', regionCode: key.region, instanceName: key.instanceType },
        accepts: (attributes) => isUse(SAGEMAKER_USES[key.service], attributes, key.instanceType),
      };
    case 'rds':
      return databaseQuestion(key);
  }
}

/** How the price list names one use of an instance. */
interface UseNames {
  /** `component` and `platoinstancetype`, in lower case: no two rows need carry both. */
  readonly products: readonly string[];
  /** What stands before the instance type in the usage type, after the region: `USE1-Notebk:ml.t3.medium`. */
  readonly usages: readonly string[];
}

const SAGEMAKER_USES: Readonly<Record<SageMakerUse, UseNames>> = {
  'sagemaker-hosting': { products: ['hosting'], usages: ['Host:', 'Hosting:'] },
  'sagemaker-notebook': { products: ['notebook'], usages: ['Notebk:'] },
  'sagemaker-studio-jupyterlab': { products: ['studio-jupyterlab'], usages: ['Studio:JupyterLab-'] },
  'sagemaker-studio-codeeditor': { products: ['studio-codeeditor'], usages: ['Studio:CodeEditor-'] },
  'sagemaker-studio-kernelgateway': { products: ['studio-notebook'], usages: ['Studio:KernelGateway-'] },
  'sagemaker-training': { products: ['training'], usages: ['Train:'] },
  'sagemaker-processing': { products: ['processing'], usages: ['Processing:'] },
};

/**
 * `platoinstancetype` is the finer name where a row has one: of a free trial, of Spot training. A row without it
 * is known by its component or by its usage type.
 */
function isUse(
  { products, usages }: UseNames,
  { component, platoinstancetype, usagetype = '' }: Readonly<Record<string, string>>,
  instanceType: string,
): boolean {
  if (platoinstancetype !== undefined) return products.includes(platoinstancetype.toLowerCase());
  if (component !== undefined && products.includes(component.toLowerCase())) return true;
  const [, usage] = /^(?:[A-Z0-9]+-)?(.+)$/.exec(usagetype) ?? [];
  return usages.some((one) => usage === `${one}${instanceType}`);
}

/**
 * RDS engines by the names that the price list has for them. Oracle SE2 may bring its own licence, which the
 * engine does not tell, and Aurora may be I/O-optimised: two prices, so that those stay unpriced.
 */
const DATABASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  postgres: { databaseEngine: 'PostgreSQL', licenseModel: 'No license required' },
  mysql: { databaseEngine: 'MySQL', licenseModel: 'No license required' },
  mariadb: { databaseEngine: 'MariaDB', licenseModel: 'No license required' },
  'oracle-ee': oracle('Enterprise'),
  'oracle-ee-cdb': oracle('Enterprise'),
  'sqlserver-ex': sqlServer('Express'),
  'sqlserver-web': sqlServer('Web'),
  'sqlserver-se': sqlServer('Standard'),
  'sqlserver-ee': sqlServer('Enterprise'),
};

/** Enterprise is offered for a licence of one's own alone. */
function oracle(databaseEdition: string) {
  return { databaseEngine: 'Oracle', databaseEdition, licenseModel: 'Bring your own license' };
}

function sqlServer(databaseEdition: string) {
  return { databaseEngine: 'SQL Server', databaseEdition, licenseModel: 'License included' };
}

function databaseQuestion({
  region,
  instanceType,
  engine,
  multiAz,
}: Extract<PriceKey, { service: 'rds' }>): Question | undefined {
  const database = Object.hasOwn(DATABASES, engine) ? DATABASES[engine] : undefined;
  if (database === undefined) return undefined;
  return {
    ServiceCode: 'AmazonRDS',
    filters: {
      productFamily: 'Database Instance',
      regionCode: region,
      instanceType,
      deploymentOption: multiAz ? 'Multi-AZ' : 'Single-AZ',
      ...database,
    },
    // RDS Custom and Outposts have prices of their own under the same names.
    accepts: ({ deploymentModel, locationType }) =>
      deploymentModel !== 'Custom' && (locationType === undefined || locationType === 'AWS Region'),
  };
}

/** Each entry of `PriceList` is a JSON text; only what a price needs is read of it. */
const ProductSchema = z.object({
  product: z.object({ attributes: z.record(z.string(), z.string()) }),
  terms: z.object({
    OnDemand: z
      .record(
        z.string(),
        z.object({
          priceDimensions: z.record(
            z.string(),
            z.object({ unit: z.string(), pricePerUnit: z.object({ USD: z.string().optional() }) }),
          ),
        }),
      )
      .optional(),
  }),
});

function hourlyOf({ terms }: z.infer<typeof ProductSchema>): Usd[] {
  return Object.values(terms.OnDemand ?? {})
    .flatMap(({ priceDimensions }) => Object.values(priceDimensions))
    .flatMap(({ unit, pricePerUnit }) => {
      const price = /^hrs?$|^hours?$/i.test(unit) ? parseUsd(pricePerUnit.USD ?? '') : undefined;
      return price === undefined || price === 0n ? [] : [price];
    });
}

function parseJson(entry: unknown): unknown {
  try {
    return JSON.parse(String(entry));
  } catch {
    return undefined;
  }
}
