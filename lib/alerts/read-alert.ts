import { parseJsonDocument } from '../signals/json.ts';
import { unwrapSns } from '../signals/sns-envelope.ts';
import { type Alert, AlertSchema } from '../types/alert.ts';
import { alarmAlert, notUnderstoodAlert } from './notices.ts';

/**
 * The alert in the body of an SQS message that is subscribed to the alerts topic, with an SNS envelope or
 * delivered raw: an alert of Bursar, or a CloudWatch alarm. Anything else becomes an alert that says so, because
 * what nobody understands must reach a person. Never throws.
 */
export function readAlert(body: string, context: { readonly at: Date; readonly account: string }): Alert {
  const unwrapped = unwrapSns(body);
  const lost = (why: string, text: string, messageId?: string): Alert =>
    notUnderstoodAlert({ ...context, source: 'the alerts topic', why, text, messageId, kept: false });
  if (unwrapped.kind === 'malformed') return lost(unwrapped.why, body);
  const document = parseJsonDocument(unwrapped.message);
  const json = document.json ? document.value : undefined;
  const alert = AlertSchema.safeParse(json);
  if (alert.success) return alert.data;
  return (
    alarmAlert(json, context) ??
    lost('It is neither an alert nor a CloudWatch alarm.', unwrapped.message, unwrapped.messageId)
  );
}
