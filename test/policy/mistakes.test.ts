import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { PolicyError } from '../../lib/policy/policy-error.ts';
import { MISTAKES } from './mistakes.ts';

const messageOf = (text: string): string => {
  try {
    parsePolicy(text, 'p.yaml');
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return 'no mistake was found';
};

describe.each(MISTAKES)('mistakes in %s', (_area, mistakes) => {
  it.each(mistakes)('$title', ({ text, says }) => {
    expect(messageOf(text)).toBe(says.join('\n'));
  });
});
