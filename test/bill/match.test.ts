import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargeOfFocus, chargeOfLineItemType, chargeOfRecordType, isSpend } from '../../lib/bill/charges.ts';
import { firstMatch, type MatchableCost, matchesCost, matchesText } from '../../lib/bill/match.ts';
import { namesOfService, serviceName } from '../../lib/bill/services.ts';
import type { CostMatch } from '../../lib/policy/allocation.ts';

const cost = (more: Partial<MatchableCost> = {}): MatchableCost => ({
  project: '',
  service: 'Amazon SageMaker',
  charge: 'usage',
  account: '111122223333',
  region: 'us-east-1',
  usageType: 'USE1-Host:ml.g5.xlarge',
  resource: 'arn:aws:sagemaker:us-east-1:111122223333:endpoint/llm',
  tags: { pool: 'gpu' },
  ...more,
});

describe('a rule means a cost', () => {
  it.each<[CostMatch, Partial<MatchableCost>, boolean]>([
    [{ service: ['Amazon SageMaker'] }, {}, true],
    [{ service: ['amazon sagemaker'] }, {}, false],
    [{ service: ['AWS Support*', 'Amazon Sage*'] }, {}, true],
    // One service by both of its names, whichever the rule or the bill has.
    [{ service: ['Amazon SageMaker AI'] }, {}, true],
    [{ service: ['Amazon SageMaker'] }, { service: 'Amazon SageMaker AI' }, true],
    [{ service: ['*'] }, { service: '' }, false],
    // What has an owner stays with it, unless projects or tags are named.
    [{ service: ['*'] }, { project: 'fraud' }, false],
    [{ service: ['*'], project: ['fraud'] }, { project: 'fraud' }, true],
    [{ service: ['*'], tags: { pool: ['gpu'] } }, { project: 'fraud' }, true],
    [{ service: ['*'], tags: {} }, { project: 'fraud' }, false],
    [{ project: ['*'] }, {}, false],
    [{ project: ['f*d'] }, { project: 'fraud' }, true],
    [{ charge: ['tax', 'fee'] }, {}, false],
    [{ charge: ['tax', 'usage'] }, {}, true],
    [{ account: ['1111*'], region: ['us-*'] }, {}, true],
    [{ account: ['1111*'], region: ['eu-*'] }, {}, false],
    [{ region: ['*'] }, { region: '' }, false],
    [{ usageType: ['*Host:ml.g5*'] }, {}, true],
    [{ resource: ['*:endpoint/*'] }, {}, true],
    [{ tags: { pool: ['*'] } }, {}, true],
    [{ tags: { pool: ['*'] } }, { tags: {} }, false],
    [{ tags: { pool: ['gpu'], env: ['prod'] } }, {}, false],
    // What every object has is no tag.
    [{ tags: { constructor: ['*'] } }, {}, false],
  ])('%o of %o: %s', (match, more, expected) => {
    expect(matchesCost(match, cost(more))).toBe(expected);
  });

  it('by the first rule that does', () => {
    const rules = [
      { name: 'a', match: { service: ['No*'] }, split: { by: 'even' } },
      { name: 'b', match: { service: ['*'] }, split: { by: 'even' } },
      { name: 'c', match: { service: ['*'] }, split: { by: 'even' } },
    ] as const;
    expect(firstMatch(rules, cost())?.name).toBe('b');
    expect(firstMatch(rules, cost({ project: 'fraud' }))).toBeUndefined();
  });

  it('patterns are what the same regular expressions are', () => {
    const anyPart = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 6 });
    const anyPattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 6 });
    fc.assert(
      fc.property(anyPattern, anyPart, (pattern, text) => {
        const inside = pattern.split('*').map((part) => part.replaceAll('.', '\\.'));
        expect(matchesText(pattern, text)).toBe(
          text !== '' && new RegExp(`^${inside.join('.*')}$`).test(text),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('kinds of charges', () => {
  it.each([
    ['Usage', 'usage'],
    ['DiscountedUsage', 'usage'],
    ['Reservation applied usage', 'usage'],
    ['SavingsPlanCoveredUsage', 'usage'],
    ['Savings Plan covered usage', 'usage'],
    ['Tax', 'tax'],
    ['Fee', 'fee'],
    ['Support fee', 'fee'],
    ['RIFee', 'commitment'],
    ['Recurring reservation fee', 'commitment'],
    ['SavingsPlanNegation', 'commitment'],
    ['SavingsPlanRecurringFee', 'commitment'],
    ['SavingsPlanUpfrontFee', 'commitment'],
    ['EdpDiscount', 'discount'],
    ['Enterprise Discount Program Discount', 'discount'],
    ['Bundled Discount', 'discount'],
    ['Credit', 'credit'],
    ['Refund', 'refund'],
    ['Whatever comes next', 'other'],
    ['', 'other'],
  ] as const)('%s is %s', (called, charge) => {
    expect(chargeOfRecordType(called)).toBe(charge);
    expect(chargeOfLineItemType(called)).toBe(charge);
  });

  it.each([
    ['Usage', null, 'usage'],
    ['Purchase', null, 'fee'],
    ['Tax', '', 'tax'],
    ['Adjustment', null, 'discount'],
    ['Credit', null, 'credit'],
    ['Usage', 'Correction', 'refund'],
    ['Credit', 'Correction', 'credit'],
    ['Rebate', null, 'other'],
  ] as const)('%s %s of FOCUS is %s', (category, klass, charge) => {
    expect(chargeOfFocus(category, klass)).toBe(charge);
  });

  it('credits and refunds are no spend', () => {
    expect([isSpend('usage'), isSpend('discount'), isSpend('credit'), isSpend('refund')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

it('a service has one name', () => {
  expect(serviceName('Amazon SageMaker AI')).toBe('Amazon SageMaker');
  expect(serviceName('AWS Lambda')).toBe('AWS Lambda');
  expect(namesOfService('Amazon SageMaker AI')).toEqual(['Amazon SageMaker', 'Amazon SageMaker AI']);
  expect(namesOfService('AWS Lambda')).toEqual(['AWS Lambda']);
});
