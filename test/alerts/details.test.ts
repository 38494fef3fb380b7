import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detailsText } from '../../lib/alerts/details.ts';
import { hostileAlert } from './arbitraries.ts';
import { alert, item } from './fixtures.ts';

describe('the details of an alert', () => {
  it('are everything that is known of a resource', () => {
    const told = alert({
      heldAt: '2026-11-25T10:30:00.000Z',
      items: [
        item(1, {
          hourly: '3.825',
          status: 'failed',
          code: 'UnsupportedOperation',
          detail: 'AWS refused.',
          stopAt: '2026-11-25T10:45:00.000Z',
        }),
      ],
    });
    expect(detailsText(told).split('\n')).toEqual([
      '*1 idle resource of recsys stopped*',
      'Why: It was idle.',
      'Alert: `batch-1/stop-idle/recsys/abc`',
      'Account: 391613010373',
      'Project: recsys',
      'Held at: 2026-11-25 10:30 UTC',
      '',
      '*failed* `i-00000000000000001`',
      'ARN: `arn:aws:ec2:us-east-1:391613010373:instance/i-00000000000000001`',
      'Kind: ec2-instance · g5.xlarge · us-east-1',
      'Owner: alice',
      // 3.825 × 24 and × 730.
      'Cost: $3.83/h, $91.80 a day, $2,792.25 a month',
      'Rule: development: idle',
      'Found: It was idle.',
      'Stop at: 2026-11-25 10:45 UTC',
      'Asked for: stop',
      'Code: UnsupportedOperation',
      'Detail: AWS refused.',
    ]);
  });

  it('are those of the one that is asked for', () => {
    const text = detailsText(alert({ items: [item(1), item(2)] }), 1);
    expect(text).toContain('i-00000000000000002');
    expect(text).not.toContain('i-00000000000000001');
  });

  it('count the resources that do not fit', () => {
    const text = detailsText(alert({ items: Array.from({ length: 30 }, (_, n) => item(n)) }));
    const shown = text.split('\n').filter((line) => line.startsWith('ARN: ')).length;
    expect(shown).toBeGreaterThan(3);
    expect(text).toContain(`_…and ${30 - shown} more_`);
  });

  it('fit and mention nobody, whatever the tags say', () => {
    fc.assert(
      fc.property(hostileAlert, fc.option(fc.nat(30), { nil: undefined }), (hostile, index) => {
        const text = detailsText(hostile, index);
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(3_000);
        expect(text).not.toMatch(/<|&(?!amp;|lt;|gt;)/);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
});
