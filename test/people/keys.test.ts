import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  arnOfKey,
  holderOfKey,
  keepKey,
  releaseKey,
  restoreKey,
  stopKey,
  unfreezeKey,
  wishId,
} from '../../lib/people/keys.ts';

const AT = new Date('2026-11-25T10:30:00Z');
const arns = fc.constantFrom(
  'arn:aws:ec2:us-east-1:111122223333:instance/i-0a1b2c',
  'arn:aws:rds:us-east-1:111122223333:db:orders',
  'arn:aws:sagemaker:us-east-1:111122223333:app/d-1/space/JupyterLab/default',
  'arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:ab-12:autoScalingGroupName/team/web 1',
);

it('each key holds its ARN, whatever the wish is called', () => {
  fc.assert(
    fc.property(arns, fc.string({ unit: 'binary' }), (arn, wish) => {
      expect(arnOfKey(keepKey(arn, wish))).toBe(arn);
      expect(arnOfKey(stopKey(arn, wish))).toBe(arn);
      expect(arnOfKey(restoreKey(arn, AT, wish))).toBe(arn);
    }),
  );
});

it('an unfreeze holds its project, whatever the two are called', () => {
  const text = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(text, text, (project, wish) => {
      const key = unfreezeKey(project, wish);
      expect(holderOfKey(key)).toBe(project);
      expect(arnOfKey(key)).toBeUndefined();
    }),
  );
  expect(holderOfKey(stopKey('arn:aws:rds:us-east-1:111122223333:db:orders', 'x'))).toBeUndefined();
  expect(holderOfKey('unfreeze-roles/recsys/developers/2026-12-01')).toBeUndefined();
});

it('a release, and a key that no wish has, hold none', () => {
  for (const key of [releaseKey(AT), '', 'idle/arn:aws:ec2:us-east-1:1:instance/i-1', 'person/x/i-1']) {
    expect(arnOfKey(key)).toBeUndefined();
  }
});

it('two wishes have two ids', () => {
  expect(wishId('0d5b5a0e-7a3b-4f0e-9f53-5d0e3f1f2a11')).toBe('0d5b5a0e-7a3b-4f0e-9f53-5d0e3f1f2a11');
  expect(wishId('press/a/0/keep-2h/0/')).toMatch(/^[0-9a-f]{32}$/);
  expect(wishId('press/a/0/keep-2h/0/')).not.toBe(wishId('press/a/0/keep-2h/1/'));
});
