import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type SnsMessage, toSnsMessage } from '../../lib/alerts/sns-message.ts';
import { AlertSchema } from '../../lib/types/alert.ts';
import { hostileAlert, hostileItem } from './arbitraries.ts';
import { alert, item } from './fixtures.ts';

const VariantsSchema = z.record(z.string(), z.string());
const variants = ({ Message }: SnsMessage) => VariantsSchema.parse(JSON.parse(Message));
const alertIn = (message: SnsMessage) => AlertSchema.parse(JSON.parse(variants(message).sqs ?? ''));

function bytes({ Subject, Message, MessageAttributes }: SnsMessage): number {
  const values = Object.entries(MessageAttributes).map(
    ([name, { DataType, StringValue }]) => name + DataType + StringValue,
  );
  return Buffer.byteLength([Subject, Message, ...values].join(''));
}

describe('an SNS message', () => {
  it('has a variant for each kind of subscriber', () => {
    const message = toSnsMessage(alert());
    const { default: text, email, sqs, lambda, https } = variants(message);
    expect(message.MessageStructure).toBe('json');
    expect(message.Subject).toBe('[Bursar] 1 idle resource of recsys stopped');
    expect(text).toContain('What happens next');
    expect(email).toBe(text);
    expect(AlertSchema.parse(JSON.parse(sqs ?? ''))).toEqual(alert());
    expect(lambda).toBe(sqs);
    expect(JSON.parse(https ?? '')).toMatchObject({ version: '1.0', source: 'custom' });
  });

  it('can be filtered by project, kind and severity, and has no empty attribute', () => {
    expect(toSnsMessage(alert()).MessageAttributes).toMatchObject({
      project: { DataType: 'String', StringValue: 'recsys' },
      kind: { DataType: 'String', StringValue: 'idle' },
      severity: { DataType: 'String', StringValue: 'info' },
    });
    expect(toSnsMessage(alert({ project: ' ' })).MessageAttributes).not.toHaveProperty('project');
  });

  it('leaves out as many resources as it must, keeps what failed, and says so', () => {
    const items = Array.from({ length: 2_000 }, (_, n) =>
      item(n, { status: n === 1_999 ? 'failed' : 'taken' }),
    );
    const message = toSnsMessage(alert({ items }));
    const kept = alertIn(message);
    expect(bytes(message)).toBeLessThanOrEqual(262_144);
    expect(bytes(message)).toBeGreaterThan(255_000);
    expect(kept.items[0]?.status).toBe('failed');
    expect(kept.reason).toContain(`${2_000 - kept.items.length} more resources are left out of this message`);
    expect(variants(message).email).toContain('left out of this');
  });

  it('fits and is sound, whatever it holds', () => {
    fc.assert(
      fc.property(hostileAlert, fc.array(hostileItem, { minLength: 0, maxLength: 60 }), (hostile, more) => {
        const message = toSnsMessage({ ...hostile, items: [...hostile.items, ...more] });
        expect(bytes(message)).toBeLessThanOrEqual(262_144);
        expect(alertIn(message).kind).toBe(hostile.kind);
        expect(Object.values(message.MessageAttributes).every(({ StringValue }) => StringValue !== '')).toBe(
          true,
        );
      }),
    );
  });

  it('fits where every text is as long and as wide as it can be', () => {
    for (const piece of ['"\\', '€', '👩‍👩‍👧‍👦', 'x\n']) {
      const text = piece.repeat(5_000);
      const wide = {
        title: text,
        reason: text,
        next: text,
        project: text,
        owner: text,
        slack: text,
        id: text,
      };
      expect(bytes(toSnsMessage(alert({ ...wide, items: [] })))).toBeLessThanOrEqual(262_144);
    }
  });
});
