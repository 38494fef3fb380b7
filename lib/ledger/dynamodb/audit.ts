import { encodeDecision } from '../../types/wire.ts';
import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import { lineOrder, subjectArn, type TrailLine } from '../trail.ts';
import { AT_ONCE, putAll } from './batches.ts';
import type { Entities } from './entities.ts';
import { readLine } from './rows.ts';

const projectKey = (project: string | undefined): string =>
  project === undefined ? 'no-project' : `project#${project}`;
const arnKey = (arn: string): string => `arn#${arn}`;

const itemOf = (line: TrailLine) => {
  const { at, batch, decision, event, code, detail } = line.entry;
  const arn = subjectArn(decision);
  const project = projectKey(decision.project);
  return {
    subject: arn === undefined ? project : arnKey(arn),
    project,
    order: lineOrder(line),
    at: at.toISOString(),
    batch,
    decision: JSON.stringify(encodeDecision(decision)),
    event,
    ...(code === undefined ? {} : { code }),
    detail,
    expiresAt: expiryOf('audit', at),
  };
};

/** Appends lines to the trail. Writing a line twice leaves one. */
export const appendLines = (entities: Entities, lines: readonly TrailLine[]): Promise<void> =>
  putAll(
    lines.map(itemOf),
    ({ subject, order }: { subject: string; order: string }) => `${subject} ${order}`,
    (items) => entities.line.put(items).go({ concurrent: AT_ONCE }),
  );

/** The trail by resource (consistent) and by project (an index, so a second or so behind). */
export const auditPart = (entities: Entities): Pick<Ledger, 'audit'> => ({
  audit: (of, since) =>
    naming('reading the audit trail', async () => {
      const from = { order: (since ?? new Date(0)).toISOString() };
      const { data } =
        'arn' in of
          ? await entities.line.query
              .bySubject({ subject: arnKey(of.arn) })
              .gte(from)
              .go({ pages: 'all', consistent: true })
          : await entities.line.query
              .byProject({ project: projectKey(of.project) })
              .gte(from)
              .go({ pages: 'all' });
      return data.map(readLine);
    }),
});
