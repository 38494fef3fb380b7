import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSignal } from '../../lib/signals/read-signal.ts';
import { usdToDecimal } from '../../lib/types/money.ts';
import { billingBug, daily, forecasted, named, old, render } from './budget-messages.ts';

const subject = 'AWS Budgets: test has exceeded your alert threshold';

const whyNot = (message: string): string => {
  const signal = readSignal(undefined, message);
  if (signal.type !== 'not-understood') throw new Error(`understood as ${signal.type}`);
  return signal.why;
};

describe('a Budgets notification', () => {
  const variants = { forecasted, daily, old, billingBug };
  for (const [title, message] of Object.entries(variants)) {
    for (const [eolName, eol] of Object.entries({ LF: '\n', CRLF: '\r\n', CR: '\r' })) {
      it(`is understood: ${title}, ${eolName}`, () => {
        expect(readSignal(subject, render(message, eol))).toEqual({
          type: 'budget',
          account: message.account,
          budgetName: message.name,
        });
      });
    }
  }

  it('tells the account and the name alone, never an amount', () => {
    expect(Object.keys(readSignal(subject, render(billingBug)))).toEqual(['type', 'account', 'budgetName']);
  });

  it('may come without a subject, with trailing blanks, or with the same line twice', () => {
    const text = render(forecasted).replaceAll('\n', '  \t\n');
    expect(readSignal(undefined, `${text}\n${text}`)).toMatchObject({ type: 'budget', budgetName: 'test' });
  });

  it('is named by its own line, not by its subject', () => {
    const other = 'AWS Budgets: another has exceeded your alert threshold';
    expect(readSignal(other, render(forecasted))).toMatchObject({ budgetName: 'test' });
  });

  it('gives back every name that AWS allows', () => {
    const names = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 100 })
      .map((name) => name.trim())
      .filter((name) => name !== '' && [...name].length <= 100 && !/[:\\\p{Cc}]/u.test(name));
    fc.assert(
      fc.property(names, fc.constantFrom('\n', '\r\n'), (name, eol) => {
        expect(readSignal(undefined, render(named(name), eol))).toEqual({
          type: 'budget',
          account: '391613010373',
          budgetName: name,
        });
      }),
    );
  });

  it('is understood with a name that speaks of budgets', () => {
    const name = 'Budget Name of the budget $1,000 budget AWS Account 123456789012';
    expect(readSignal(undefined, render(named(name)))).toMatchObject({ budgetName: name });
  });
});

describe('what is not understood', () => {
  const text = render(forecasted);

  it.each([
    ['two names', `${text}\nBudget Name: other`, 'more than one budget'],
    ['two accounts', `${text}\nAWS Account 000000000000`, 'more than one AWS account'],
    ['no name', text.replace(/^Budget Name:.*$/m, ''), 'no budget'],
    ['an empty name', text.replace(/^Budget Name:.*$/m, 'Budget Name:  '), 'empty'],
    ['no account', text.replace(/^AWS Account.*$/m, ''), 'no AWS account'],
    ['a short account', text.replace('391613010373', '39161301037'), '12 digits'],
    ['a long account', text.replace('391613010373', '3916130103730'), '12 digits'],
    ['other digits', text.replace('391613010373', '٣٩١٦١٣٠١٠٣٧٣'), '12 digits'],
    ['a name too long', render(named('x'.repeat(101))), 'longer than 100'],
    ['a name of 100 000 characters', render(named('x'.repeat(100_000))), 'longer than 100'],
    ['a name with a colon', render(named('a: b')), 'does not allow'],
    ['a name with a backslash', render(named('a\\b')), 'does not allow'],
    ['garbage', '\u0000\uD800 %n {x}', 'neither'],
    ['nothing', '', 'neither'],
    ['JSON of another kind', '{"AlarmName":"x"}', 'not that of a cost anomaly'],
    ['a list', '[1, 2]', 'not that of a cost anomaly'],
    ['a Budgets text inside JSON', JSON.stringify({ text }), 'not that of a cost anomaly'],
    ['more than SNS carries', `${text}${' '.repeat(300_000)}`, 'more than SNS can carry'],
  ])('%s', (_title, message, why) => {
    expect(whyNot(message)).toContain(why);
  });

  it('is said in one sentence', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const signal = readSignal(message, message);
        if (signal.type === 'not-understood') expect(signal.why).toMatch(/^The [^.]+\.$/);
      }),
    );
  });
});

describe('any text', () => {
  it('never throws, and is no budget without both lines', () => {
    const pieces = fc.constantFrom(
      'AWS Account ',
      'Budget Name:',
      'Budget Name',
      '391613010373',
      '\n',
      'budget ',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }).map((parts) => parts.join('')),
      fc.json(),
    );
    fc.assert(
      fc.property(fc.option(fc.string(), { nil: undefined }), texts, (subjectText, text) => {
        const signal = readSignal(subjectText, text);
        if (!/^\s*AWS Account +\d{12}\s*$/m.test(text) || !/^\s*Budget Name:.*\S/m.test(text)) {
          expect(signal.type).not.toBe('budget');
        }
      }),
      { numRuns: 500 },
    );
  });
});

const anomaly = {
  accountId: '123456789012',
  anomalyStartDate: '2026-07-14T00:00:00Z',
  anomalyEndDate: '2026-07-15T00:00:00Z',
  anomalyId: '7af2a46e-0cf8-4b7e-9f4c-000000000001',
  dimensionalValue: 'ServiceName',
  monitorArn: 'arn:aws:ce::123456789012:anomalymonitor/m',
  monitorName: 'services',
  anomalyScore: { maxScore: 0.47, currentScore: 0.4 },
  impact: {
    maxImpact: 151,
    totalImpact: 301.7,
    totalActualSpend: 1301.1,
    totalExpectedSpend: 999.4,
    totalImpactPercentage: 30.19,
  },
  rootCauses: [
    {
      service: 'Amazon SageMaker',
      region: 'us-east-1',
      linkedAccount: '123456789012',
      usageType: 'Host:ml.p4d',
    },
    { service: 'Amazon EC2' },
  ],
  anomalyDetailsLink: 'https://console.aws.amazon.com/cost-management/home#/anomaly-detection/x',
  subscriptionId: 's',
};

describe('a cost anomaly', () => {
  it('is read with exact amounts and its causes', () => {
    const signal = readSignal('AWS Cost Management', JSON.stringify(anomaly));
    if (signal.type !== 'anomaly') throw new Error(signal.type);
    expect(usdToDecimal(signal.anomaly.impact)).toBe('301.7');
    expect(signal.anomaly).toMatchObject({
      account: '123456789012',
      id: anomaly.anomalyId,
      monitor: 'services',
      spent: 1_301_100_000n,
      expected: 999_400_000n,
    });
    expect(signal.anomaly.causes).toEqual([
      { service: 'Amazon SageMaker', region: 'us-east-1', account: '123456789012', usageType: 'Host:ml.p4d' },
      { service: 'Amazon EC2', region: undefined, account: undefined, usageType: undefined },
    ]);
  });

  it('needs its account, its id and its size, nothing else', () => {
    const { accountId, anomalyId } = anomaly;
    const least = {
      accountId,
      anomalyId,
      impact: { totalImpact: 1 },
      added: { later: true },
      rootCauses: null,
    };
    expect(readSignal(undefined, JSON.stringify(least)).type).toBe('anomaly');
    expect(readSignal(undefined, JSON.stringify({ ...least, accountId: 'me' })).type).toBe('not-understood');
    expect(readSignal(undefined, JSON.stringify({ ...least, impact: {} })).type).toBe('not-understood');
    const huge = '{"accountId":"123456789012","anomalyId":"x","impact":{"totalImpact":1e300}}';
    expect(readSignal(undefined, huge).type).toBe('not-understood');
  });
});
