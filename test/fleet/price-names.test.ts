import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnyPriceKey,
  formOf,
  keyOfName,
  nameInRegion,
  PRICED_SERVICES,
  priceName,
} from '../../lib/fleet/price-names.ts';
import { anyPriceKey } from './any-price-key.ts';

const keyOf = (any: AnyPriceKey) => any.key;

describe('the name of a price', () => {
  it.each([
    [
      { service: 'ec2', region: 'us-east-1', instanceType: 'g5.xlarge', system: 'Linux' },
      'ec2/us-east-1/g5.xlarge/Linux',
      'ec2/g5.xlarge/Linux',
    ],
    [
      { service: 'sagemaker-hosting', region: 'us-east-1', instanceType: 'ml.g5.xlarge' },
      'sagemaker-hosting/us-east-1/ml.g5.xlarge',
      'sagemaker-hosting/ml.g5.xlarge',
    ],
    [
      {
        service: 'rds',
        region: 'us-east-1',
        instanceType: 'db.m5.large',
        engine: 'postgres',
        multiAz: false,
      },
      'rds/us-east-1/db.m5.large/postgres/single-az',
      'rds/db.m5.large/postgres/single-az',
    ],
    [
      { service: 'ebs', region: 'us-east-1', volumeType: 'gp3', unit: 'gib' },
      'ebs/us-east-1/gp3/gib',
      'ebs/gp3/gib',
    ],
    [{ service: 'nat-gateway', region: 'us-east-1' }, 'nat-gateway/us-east-1', 'nat-gateway'],
    [
      { service: 'sagemaker-serverless', region: 'us-east-1', memoryMiB: 4096 },
      'sagemaker-serverless/us-east-1/4096',
      'sagemaker-serverless/4096',
    ],
  ] as const)('of %o', (key, full, within) => {
    expect(priceName(key)).toBe(full);
    expect(nameInRegion(key)).toBe(within);
    const read = keyOfName('us-east-1', within);
    expect(read && keyOf(read)).toEqual(key);
  });

  it('is read back as the key that it was made of, and no two keys share one', () => {
    fc.assert(
      fc.property(anyPriceKey, (any) => {
        expect(keyOfName(any.key.region, nameInRegion(any.key))).toEqual(any);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '',
    'ec2',
    'ec2/g5.xlarge',
    'ec2/g5.xlarge/linux',
    'ec2/g5.xlarge/Linux/more',
    'ec2/g5 xlarge/Linux',
    'sagemaker-hosting/g5.xlarge',
    'rds/m5.large/postgres/single-az',
    'rds/db.m5.large/postgres/false',
    'ebs/gp4/gib',
    'sagemaker-serverless/4000',
    'nat-gateway/us-east-1',
    'constructor',
    '__proto__',
  ])('is not %j', (name) => {
    expect(keyOfName('us-east-1', name)).toBeUndefined();
  });

  it('has a form for people in every service', () => {
    expect(formOf('ec2')).toBe('ec2/<instance type>/Linux|Windows|RHEL|SUSE');
    expect(formOf('nat-gateway')).toBe('nat-gateway');
    expect(formOf('lambda')).toBe('lambda/x86_64|arm64/requests|gb-seconds');
    expect(PRICED_SERVICES.every((service) => formOf(service) !== undefined)).toBe(true);
    expect(formOf('toString')).toBeUndefined();
  });
});
