import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, type Column, plainColumns, table, wrap } from '../../lib/cli/table.ts';

const row = (...texts: readonly string[]): readonly Cell[] => texts.map((text) => ({ text }));
const COLUMNS: readonly Column[] = [
  { title: 'NAME', max: 8 },
  { title: 'USD', right: true },
  { title: 'WHY' },
];

describe('a table', () => {
  it('is as wide as its cells in a pipe', () => {
    const rows = [row('i-1', '$1.01', 'It is idle.'), row('a-long-name', '$12.24', 'a'.repeat(300))];
    expect(table(COLUMNS, rows, { width: undefined })).toEqual([
      '  NAME         USD  WHY',
      '  i-1        $1.01  It is idle.',
      `  a-long-…  $12.24  ${'a'.repeat(300)}`,
    ]);
  });

  it('breaks the last column to fit a terminal, into so many lines', () => {
    const why = 'Every sample of every signal was below its limit for all of the last thirty minutes.';
    expect(table(COLUMNS, [row('i-1', '$1', why)], { width: 52, lines: 2 })).toEqual([
      '  NAME  USD  WHY',
      '  i-1    $1  Every sample of every signal was below',
      '             its limit for all of the last thirty …',
    ]);
  });

  it('cuts between words, and a longer word within', () => {
    const cut = (why: string) => table(COLUMNS, [row('i-1', '$1', why)], { width: 45, lines: 1 }).at(-1);
    expect(cut('It was below its limit for the period of it.')).toBe(
      '  i-1    $1  It was below its limit for the …',
    );
    expect(cut(`${'a'.repeat(50)} b`)).toBe(`  i-1    $1  ${'a'.repeat(31)}…`);
  });

  it('puts it below where the terminal is narrow', () => {
    const why = 'Every sample was below its limit for thirty minutes.';
    expect(table(COLUMNS, [row('i-1', '$1', why)], { width: 34 })).toEqual([
      '  NAME  USD',
      '  i-1    $1',
      '      Every sample was below its',
      '      limit for thirty minutes.',
    ]);
  });

  it('colours after it has measured, and shows what a terminal would obey', () => {
    const red = (text: string): string => `<${text}>`;
    const rows = [[{ text: 'a', paint: red }, { text: '\u001b[2J' }], row('bb', 'x')];
    expect(table(plainColumns(2), rows, { width: 80, indent: '' })).toEqual(['<a>   \\u{1b}[2J', 'bb  x']);
  });

  it('never breaks the width where its words are short', () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    const text = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, word, text), { minLength: 1 }),
        fc.integer({ min: 40, max: 200 }),
        (rows, width) => {
          const lines = table(
            COLUMNS,
            rows.map((cells) => row(...cells)),
            { width },
          );
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
          const words = lines.slice(1).join(' ').split(/ +/).filter(Boolean);
          const given = rows.flatMap(([, , why]) => why.split(' '));
          for (const one of given) expect(words).toContain(one);
        },
      ),
    );
  });
});

it('a word that is longer than the line stands alone', () =>
  expect(wrap('see https://example.com/a/long/address now', 10)).toEqual([
    'see',
    'https://example.com/a/long/address',
    'now',
  ]));
