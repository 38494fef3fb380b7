import { expect, it } from 'vitest';
import { createGroupReader } from '../../lib/people/groups.ts';

function setUp() {
  let time = 0;
  let out = false;
  const asked: string[] = [];
  const errors: string[] = [];
  const read = createGroupReader({
    list: async (group) => {
      asked.push(group);
      if (out) throw new Error('missing_scope');
      return [`U-${group}`];
    },
    now: () => new Date(time),
    onError: (group) => errors.push(group),
  });
  return {
    read,
    asked,
    errors,
    pass: (ms: number) => (time += ms),
    break: () => {
      out = true;
    },
  };
}

it('a group is read once in three minutes', async () => {
  const { read, asked, pass } = setUp();
  expect(await read(['S1', 'S2', 'S1'])).toEqual(
    new Map([
      ['S1', new Set(['U-S1'])],
      ['S2', new Set(['U-S2'])],
    ]),
  );
  await read(['S1']);
  pass(179_999);
  await read(['S2']);
  expect(asked).toEqual(['S1', 'S2']);
  pass(1);
  await read(['S1']);
  expect(asked).toEqual(['S1', 'S2', 'S1']);
});

it('a group that cannot be read any more lets nobody in, and is told', async () => {
  const { read, errors, pass, break: fail } = setUp();
  await read(['S1']);
  fail();
  expect((await read(['S1'])).has('S1')).toBe(true);
  pass(180_000);
  expect(await read(['S1'])).toEqual(new Map());
  expect(errors).toEqual(['S1']);
});
