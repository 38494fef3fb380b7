import {
  DeleteNotebookInstanceCommand,
  DescribeNotebookInstanceCommand,
  ListNotebookInstancesCommand,
  type SageMakerClient,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
} from '@aws-sdk/client-sagemaker';
import type { Answers } from './answering.ts';
import { arnIn } from './sagemaker-arns.ts';
import { findIn, keyIn, regionOf } from './sagemaker-keys.ts';
import type { MemoryNotebook } from './sagemaker-kinds.ts';
import { pageOf } from './sagemaker-pages.ts';
import { putNotebook } from './sagemaker-put.ts';
import { refused } from './sagemaker-refusals.ts';
import type { AccountState } from './state.ts';

const STARTING_MS = 3 * 60_000;
const STOPPING_MS = 60_000;

/** Notebook instances of one region. */
export function answerNotebooks(
  answers: Answers<SageMakerClient>,
  state: AccountState,
  region: string,
): void {
  const { notebooks, effects, restored, now } = state;
  const arn = (name: string): string => arnIn(state, region, 'notebook-instance', name);
  const find = (name = ''): MemoryNotebook => {
    const one = findIn(notebooks, region, name);
    if (one === undefined) throw refused('RecordNotFound');
    return one;
  };
  /** @throws ValidationException where its status is none of those. */
  const findAs = (name: string | undefined, from: readonly string[], to: string): MemoryNotebook => {
    const one = find(name);
    const status = statusOf(one, now());
    if (from.includes(status)) return one;
    throw refused(
      `Status (${status}) not in ([${from.join(', ')}]). Unable to transition to (${to}) for Notebook Instance (${arn(one.name)}).`,
    );
  };
  const describe = (one: MemoryNotebook): object => ({
    NotebookInstanceName: one.name,
    NotebookInstanceArn: arn(one.name),
    NotebookInstanceStatus: statusOf(one, now()),
    InstanceType: one.type,
    CreationTime: one.since,
    LastModifiedTime: changedAt(one, now()),
  });
  const names = () =>
    [...notebooks.values()].filter((one) => regionOf(one) === region).map(({ name }) => name);

  answers.on(ListNotebookInstancesCommand, (input) => {
    const { items, more } = pageOf(state, input, names);
    const found = items.flatMap((name) => findIn(notebooks, region, name) ?? []);
    return { NotebookInstances: found.map(describe), ...more };
  });
  answers.on(DescribeNotebookInstanceCommand, ({ NotebookInstanceName }) => {
    const one = find(NotebookInstanceName);
    return { ...describe(one), ...(one.failure === undefined ? {} : { FailureReason: one.failure }) };
  });
  answers.on(StopNotebookInstanceCommand, ({ NotebookInstanceName }) => {
    const one = findAs(NotebookInstanceName, ['InService'], 'Stopping');
    const askedAt = now();
    putNotebook(state, { ...one, askedAt, stoppedAt: new Date(askedAt.getTime() + STOPPING_MS) });
    effects.push({ at: askedAt, id: one.name });
    return {};
  });
  answers.on(StartNotebookInstanceCommand, ({ NotebookInstanceName }) => {
    const { stoppedAt, failure, ...one } = findAs(NotebookInstanceName, ['Stopped', 'Failed'], 'Pending');
    const askedAt = now();
    putNotebook(state, { ...one, askedAt, since: new Date(askedAt.getTime() + STARTING_MS) });
    restored.push({ at: askedAt, id: one.name });
    return {};
  });
  answers.on(DeleteNotebookInstanceCommand, ({ NotebookInstanceName }) => {
    const { name } = findAs(NotebookInstanceName, ['Stopped', 'Failed'], 'Deleting');
    const key = keyIn(notebooks, region, name);
    notebooks.delete(key);
    if (key !== name) state.touch({ kind: 'sagemaker-notebook', region, id: name });
    return {};
  });
}

function statusOf({ failure, stoppedAt, since }: MemoryNotebook, now: Date): string {
  if (failure !== undefined) return 'Failed';
  if (stoppedAt !== undefined) return stoppedAt > now ? 'Stopping' : 'Stopped';
  return since > now ? 'Pending' : 'InService';
}

/** Each change of its status modifies it. */
function changedAt(one: MemoryNotebook, now: Date): Date {
  const last = one.failure === undefined ? (one.stoppedAt ?? one.since) : one.since;
  return last > now ? (one.askedAt ?? last) : last;
}
