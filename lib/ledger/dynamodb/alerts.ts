import { naming } from '../errors.ts';
import type { Ledger } from '../ledger.ts';
import { expiryOf } from '../lifetimes.ts';
import type { Entities } from './entities.ts';
import { readAlert } from './rows.ts';

/** Alerts and what people answered. */
export const alertsPart = (entities: Entities): Pick<Ledger, 'saveAlert' | 'alert' | 'answerAlert'> => ({
  saveAlert: (alert) =>
    naming('saving an alert', async () => {
      // An upsert, which leaves the answers to an alert that is saved again.
      await entities.alert
        .upsert({
          id: alert.id,
          alert: JSON.stringify(alert),
          expiresAt: expiryOf('alert', new Date(alert.at)),
        })
        .go();
    }),

  alert: (id) =>
    naming('reading an alert', async () => {
      const { data } = await entities.alert.get({ id }).go({ consistent: true });
      return data === null ? undefined : readAlert(data);
    }),

  answerAlert: (id, answer) =>
    naming('answering an alert', async () => {
      const { data } = await entities.alert
        .update({ id })
        .append({ answers: [JSON.stringify(answer)], answerIds: [answer.id] })
        .where(
          ({ alert, answerIds }, { exists, notContains }) =>
            `${exists(alert)} AND ${notContains(answerIds, answer.id)}`,
        )
        .go({ response: 'all_new', returnOnConditionCheckFailure: 'all_old' });
      // The item as it is now, or as it was where the answer is in it already; nothing where there is no alert.
      return data === null ? [] : readAlert(data).answers;
    }),
});
