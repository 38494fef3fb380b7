import { type Alert, type AlertAnswer, AlertAnswerSchema, AlertSchema } from '../../types/alert.ts';
import type { Ledger } from '../ledger.ts';
import { type Form, keptAs } from './copied.ts';

const asItIs = <T>(value: T): T => value;

/** Alerts and what people answered. */
export function alertsIn(form: Form): Pick<Ledger, 'saveAlert' | 'alert' | 'answerAlert'> {
  const copied = keptAs(form);
  const alerts = new Map<string, { readonly alert: Alert; readonly answers: readonly AlertAnswer[] }>();
  return {
    saveAlert: async (alert) => {
      alerts.set(alert.id, {
        alert: copied(alert, asItIs, (json) => AlertSchema.parse(json)),
        answers: alerts.get(alert.id)?.answers ?? [],
      });
    },
    alert: async (id) => alerts.get(id),
    answerAlert: async (id, answer) => {
      const known = alerts.get(id);
      if (known === undefined) return [];
      if (known.answers.some((other) => other.id === answer.id)) return known.answers;
      const answers = [...known.answers, copied(answer, asItIs, (json) => AlertAnswerSchema.parse(json))];
      alerts.set(id, { ...known, answers });
      return answers;
    },
  };
}
