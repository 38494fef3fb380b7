import type { PriceKey, SageMakerUse } from './prices.ts';

/** One question for the Pricing API, and which of its answers counts. */
export interface Question {
  readonly ServiceCode: string;
  readonly filters: Readonly<Record<string, string>>;
  /** Some products differ only in attributes that the API does not filter by as one expects. */
  readonly accepts: (attributes: Readonly<Record<string, string>>) => boolean;
  /**
   * What a price in such a unit is multiplied by; `undefined` = a price in another unit, which does not count. Absent:
   * prices by the hour alone.
   */
  readonly perUnit?: (unit: string) => bigint | undefined;
  /**
   * True where much costs less: the price is that of the first tier which is not free, the dearest one. Absent: a
   * product has one price.
   */
  readonly tiered?: boolean;
}

/** `undefined` where no one product is known to be charged. */
export function question(key: PriceKey): Question | undefined {
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
    case 'sagemaker-transform':
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
  // The finer name of batch transform is not known for sure (unverified).
  'sagemaker-transform': {
    products: ['transform', 'tsform', 'batchtransform', 'batch transform', 'batch-transform'],
    usages: ['Tsform:'],
  },
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
