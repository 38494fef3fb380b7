import type { EChartsOption } from 'echarts';
import { init } from 'echarts/dist/echarts.esm.min.mjs';
import { escapeText, type Html, html, plain, trusted } from './html.ts';

export type ChartOption = EChartsOption;

export interface Drawing {
  readonly option: ChartOption;
  /** Pixels; as many units of the picture. */
  readonly width: number;
  readonly height: number;
  /** What the chart says, in a sentence, for who does not see it. */
  readonly label: string;
  /** What a pointer over an item of a series is told. */
  readonly titleOf?: (series: number, item: number) => string | undefined;
}

/**
 * A chart as SVG that needs no script. It carries no style of its own, which the page's security policy would refuse:
 * colours are the page's custom properties, so that it follows it from light to dark.
 */
export function draw({ option, width, height, label, titleOf }: Drawing): Html {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, useUTC: true, ...option });
    const svg = chart.renderToSVGString({ useViewBox: true });
    const inner = svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'));
    return html`<svg class="chart" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${trusted(cleaned(inner, titleOf))}</svg>`;
  } finally {
    // What is not disposed of keeps the process alive.
    chart.dispose();
  }
}

/** Names that every object has, `__proto__` among them. */
const INHERITED = new RegExp(`(${Object.getOwnPropertyNames(Object.prototype).join('|')})`, 'g');
/** Takes no room and is not seen. */
const ZERO_WIDTH_SPACE = '\u200B';

/**
 * Text in a chart: ECharts escapes it, as one line. Its cache of text widths (zrender's LRU) is a plain object, which
 * takes what every object inherits for entries of its own and writes to it: a resource that is named `__proto__` would
 * change all objects there are. Such names are broken where nobody sees it.
 */
export const chartText = (text: string): string =>
  plain(text).replace(INHERITED, (name) => `${name.slice(0, -1)}${ZERO_WIDTH_SPACE}${name.slice(-1)}`);

/**
 * Tags alone are changed: text in SVG holds no `<` or `>` of its own. Clips go, since their ids would not be the page's
 * own: what lies outside of a chart is not to be given to it.
 */
const cleaned = (svg: string, titleOf: Drawing['titleOf']): string =>
  svg
    .replace(/<(style|defs)\b[^>]*>[\s\S]*?<\/\1>/g, '')
    .replace(/<([a-z]+)((?:\s[^<>]*)?)>/gi, (_, tag: string, attributes: string) => {
      const [series, item] = [
        numberOf(attributes, 'ecmeta_series_index'),
        numberOf(attributes, 'ecmeta_data_index'),
      ];
      const title = series === undefined || item === undefined ? undefined : titleOf?.(series, item);
      const kept = attributes
        .replace(/\s(?:ecmeta_\w+|class|pointer-events|clip-path)="[^"]*"/g, '')
        .replace(/\sstyle="([^"]*)"/g, (__, style: string) => fontOf(style));
      return `<${tag}${kept.trimEnd()}>${title === undefined ? '' : `<title>${escapeText(title)}</title>`}`;
    });

function numberOf(attributes: string, key: string): number | undefined {
  const found = new RegExp(`\\s${key}="(\\d+)"`).exec(attributes)?.[1];
  return found === undefined ? undefined : Number(found);
}

function fontOf(style: string): string {
  const size = /(\d+)px/.exec(style)?.[1];
  return `${size === undefined ? '' : ` font-size="${size}"`}${style.includes('bold') ? ' font-weight="600"' : ''}`;
}
