/**
 * The colours of a page, light and dark. Text on its ground has a contrast of at least 4.5, shapes that mean something
 * of at least 3 (WCAG 2.2 AA); a test computes it.
 */
export const COLOURS = {
  page: ['#f3f4f7', '#12151a'],
  card: ['#ffffff', '#1b1f26'],
  ink: ['#191d24', '#e7eaf0'],
  /** Of what is said beside. */
  soft: ['#515a69', '#a7b0bf'],
  /** Of what only divides. */
  line: ['#dde1e8', '#333a45'],
  /** Of controls. */
  edge: ['#767f8f', '#7f8999'],
  accent: ['#0b57b5', '#86b8ff'],
  good: ['#12683a', '#6fd39a'],
  goodGround: ['#e3f4ea', '#12301f'],
  bad: ['#a81414', '#ff9a94'],
  badGround: ['#fde8e7', '#431617'],
  warn: ['#7f4a00', '#f2bd62'],
  warnGround: ['#fdf1db', '#372708'],
  ran: ['#6d92c4', '#5679ad'],
  busy: ['#123a73', '#d3e4ff'],
  stop: ['#b4530a', '#f0a35c'],
  stopGround: ['#fff3e4', '#33220f'],
  billed: ['#1f5fae', '#78acf0'],
  estimated: ['#6b4fb3', '#b9a3f5'],
  limit: ['#b01c1c', '#ff8f88'],
  /** Projects that stand on each other, told apart by the key and by the line between them. */
  seriesA: ['#1f5fae', '#78acf0'],
  seriesB: ['#b4530a', '#f0a35c'],
  seriesC: ['#0d7a74', '#4fc3b8'],
  seriesD: ['#7a3fa8', '#c79bf2'],
  seriesE: ['#3d7a1d', '#93cf6a'],
  seriesF: ['#b8326e', '#f58bb6'],
  seriesG: ['#7d6a10', '#d9c45f'],
  seriesH: ['#2479a3', '#6fd0f5'],
  seriesOthers: ['#6b7280', '#9aa3b2'],
} as const satisfies Readonly<Record<string, readonly [light: string, dark: string]>>;

export type Colour = keyof typeof COLOURS;

/** How a style or a chart names a colour, so that it follows the page from light to dark. */
export const colour = (of: Colour): string => `var(--${of})`;

/** The colours as custom properties of CSS. */
export const colourProperties = (): string =>
  Object.entries(COLOURS)
    .map(([key, [light, dark]]) => `--${key}:light-dark(${light},${dark});`)
    .join('');
