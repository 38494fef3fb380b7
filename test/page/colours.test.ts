import { expect, test } from 'vitest';
import { COLOURS, type Colour } from '../../lib/page/colours.ts';

/** Relative luminance of `#rrggbb`, as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT: readonly (readonly [text: Colour, ground: Colour])[] = [
  ['ink', 'page'],
  ['ink', 'card'],
  ['soft', 'page'],
  ['soft', 'card'],
  ['accent', 'page'],
  ['accent', 'card'],
  ['card', 'accent'],
  ['good', 'card'],
  ['good', 'goodGround'],
  ['bad', 'card'],
  ['bad', 'badGround'],
  ['ink', 'badGround'],
  ['soft', 'badGround'],
  ['warn', 'card'],
  ['warn', 'warnGround'],
  ['ink', 'warnGround'],
  ['stop', 'stopGround'],
  ['stop', 'card'],
  ['limit', 'card'],
];

/** What is drawn, on what it lies. */
const SHAPES: readonly (readonly [shape: Colour, ground: Colour])[] = [
  ['edge', 'card'],
  ['ran', 'card'],
  ['busy', 'ran'],
  ['stop', 'stopGround'],
  ['billed', 'card'],
  ['billed', 'goodGround'],
  ['estimated', 'card'],
  ['limit', 'card'],
  ...(
    [
      'seriesA',
      'seriesB',
      'seriesC',
      'seriesD',
      'seriesE',
      'seriesF',
      'seriesG',
      'seriesH',
      'seriesOthers',
    ] as const
  ).map((one) => [one, 'card'] as const),
];

test.each([
  ['light', 0],
  ['dark', 1],
] as const)('what is read and what is drawn stands out from its ground, %s', (_, theme) => {
  const low = [...TEXT.map((pair) => [...pair, 4.5] as const), ...SHAPES.map((pair) => [...pair, 3] as const)]
    .map(([a, b, least]) => ({ a, b, least, is: contrast(COLOURS[a][theme], COLOURS[b][theme]) }))
    .filter(({ least, is }) => is < least);
  expect(low).toEqual([]);
});
