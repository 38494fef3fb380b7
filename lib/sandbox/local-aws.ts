import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arnOf } from '../fleet/arn.ts';
import { startCostExplorerFront } from './cost-explorer-front.ts';
import { startEc2Front } from './ec2-front.ts';
import { createEventBus, type EventBus } from './event-bus.ts';
import { startLogsFront } from './logs-front.ts';
import { startPricingStub } from './pricing-stub.ts';
import { startSageMakerFront } from './sagemaker-front.ts';
import { freePort, type Server, startServer } from './server.ts';
import { startTaggingFront } from './tagging-front.ts';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';

export interface LocalAws {
  /** Environment for anything that speaks to it: the SDK, the CDK, the Lambdas. */
  readonly env: Readonly<Record<string, string>>;
  /** By service; `default` is MiniStack. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Where started and stopped instances are told of; for what else AWS would tell. */
  readonly events: EventBus;
  /** Waits until all that instances did so far is told. */
  readonly eventsTold: () => Promise<void>;
  /** What MiniStack wrote, the Lambdas' output among it. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts an AWS that lives on this machine, on free loopback ports: MiniStack (its EC2 behind a front that refuses as
 * AWS does, and tells EventBridge what AWS tells it), moto for SageMaker (behind a front that answers what moto lacks),
 * its scaling, Auto Scaling groups, Budgets and Cost Explorer (behind one of its own), a stub of the Pricing API, and a front of the tagging API.
 * @throws Error with what a server wrote, where one does not come up.
 */
export async function startLocalAws(): Promise<LocalAws> {
  const [port, motoPort] = [await freePort(), await freePort()];
  const scratch = mkdtempSync(join(tmpdir(), 'bursar-'));
  const pricing = await startPricingStub();
  const moto = `http://127.0.0.1:${motoPort}`;
  const sagemaker = await startSageMakerFront({ moto, account: ACCOUNT, region: REGION });
  const ministack = `http://127.0.0.1:${port}`;
  const costExplorer = await startCostExplorerFront(moto, ACCOUNT);
  const logs = await startLogsFront(ministack);
  const events = createEventBus(ministack, ACCOUNT);
  let told = Promise.resolve();
  /** When each instance was told to run, in milliseconds by the clock of the events. */
  const ran = new Map<string, number>();
  const ec2 = await startEc2Front(ministack, ({ region, id, state }) => {
    // Events tell whole seconds, and no instance stops in the second in which it starts.
    const at = Math.max(events.now().getTime(), (ran.get(id) ?? 0) + 1_000);
    if (state === 'running') ran.set(id, at);
    const event = {
      at: new Date(at),
      region,
      source: 'aws.ec2',
      detailType: 'EC2 Instance State-change Notification',
      resources: [arnOf('ec2', region, ACCOUNT, `instance/${id}`)],
      detail: { 'instance-id': id, state },
    };
    // One after the other, in the order in which they happened; as on AWS, nobody hears of one that is lost.
    told = told.then(() => events.put(event)).catch(() => undefined);
  });
  const tagging = await startTaggingFront({
    ec2: ec2.url,
    sagemaker: sagemaker.url,
    rds: ministack,
    groups: moto,
    others: ministack,
    account: ACCOUNT,
  });
  const endpoints = {
    default: ministack,
    ec2: ec2.url,
    sagemaker: sagemaker.url,
    'application-auto-scaling': moto,
    // MiniStack tells no instance type of a group's members.
    'auto-scaling': moto,
    budgets: moto,
    'cloudwatch-logs': logs.url,
    'cost-explorer': costExplorer.url,
    pricing: pricing.url,
    'resource-groups-tagging-api': tagging.url,
  };
  const env = environment(endpoints, scratch);
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([
      ...servers.map((server) => server.stop()),
      pricing.stop(),
      sagemaker.stop(),
      ec2.stop(),
      tagging.stop(),
      costExplorer.stop(),
      logs.stop(),
    ]);
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    const bin = (name: string): string => join(ROOT, '.venv', 'bin', name);
    servers.push(
      ...(await Promise.all([
        startServer({
          name: 'MiniStack',
          command: bin('ministack'),
          args: [],
          env: {
            ...env,
            GATEWAY_PORT: String(port),
            BIND_HOST: '127.0.0.1',
            MINISTACK_ACCOUNT_ID: ACCOUNT,
            MINISTACK_REGION: REGION,
            LAMBDA_EXECUTOR: 'local',
            // Its MQTT listener has one fixed port, which two local AWSes would fight for.
            IOT_MTLS_ENABLED: 'false',
            STATE_DIR: join(scratch, 'state'),
            S3_DATA_DIR: join(scratch, 's3'),
          },
          probe: `${endpoints.default}/_ministack/health`,
        }),
        startServer({
          name: 'moto',
          command: bin('moto_server'),
          args: ['-H', '127.0.0.1', '-p', String(motoPort)],
          env: { ...env, MOTO_ACCOUNT_ID: ACCOUNT },
          probe: `${moto}/moto-api/data.json`,
        }),
      ])),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env,
    endpoints,
    events,
    eventsTold: () => told,
    log: () => servers.map((server) => server.log()).join('\n'),
    stop,
  };
}

/**
 * Nothing of the machine's own AWS settings is let through: no profile, no credentials, no region can turn
 * a play into the real thing.
 */
function environment(endpoints: Readonly<Record<string, string>>, scratch: string): Record<string, string> {
  const { default: main, ...others } = endpoints;
  const named = Object.entries(others).map(([service, url]) => [
    `AWS_ENDPOINT_URL_${service.replaceAll('-', '_').toUpperCase()}`,
    url ?? '',
  ]);
  return {
    HOME: process.env.HOME ?? scratch,
    LANG: process.env.LANG ?? 'C.UTF-8',
    TMPDIR: scratch,
    // MiniStack starts the `node` that it finds first: the version that Lambda runs.
    PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: join(scratch, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(scratch, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: main ?? '',
    ...Object.fromEntries(named),
  };
}
