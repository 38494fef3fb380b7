import { colour } from './colours.ts';
import { type Html, html, type Part, trusted } from './html.ts';

/*
 * What the timeline is made of. Each has a form of its own beside its colour: bars differ by pattern and height,
 * markers by shape.
 */

export type BarKind = 'ran' | 'busy' | 'stopped';

export interface Paint {
  readonly fill: string;
  readonly stroke?: string;
  readonly lineWidth?: number;
}

export const BARS: Readonly<Record<BarKind, Paint & { readonly height: number; readonly label: string }>> = {
  ran: { fill: colour('ran'), height: 14, label: 'ran' },
  busy: { fill: colour('busy'), height: 5, label: 'in use' },
  stopped: {
    fill: 'url(#hatch-stop)',
    stroke: colour('stop'),
    lineWidth: 1,
    height: 14,
    label: 'out of service: Bursar stopped it',
  },
};

export type MarkerKind = 'warned' | 'kept' | 'stopped' | 'false' | 'while-busy' | 'restored';

interface Marker extends Paint {
  readonly label: string;
  /** Where it stands, of the bar. */
  readonly side: 'above' | 'below';
  /** Path of a shape 10 wide and high around 0,0. */
  readonly path: string;
}

const halo = { stroke: colour('card'), lineWidth: 1 };

export const MARKERS: Readonly<Record<MarkerKind, Marker>> = {
  warned: { label: 'warned', side: 'above', path: 'M-4.5-4H4.5L0 4Z', fill: colour('warn'), ...halo },
  kept: {
    label: 'kept by a person',
    side: 'above',
    path: 'M0-5L5 0L0 5L-5 0Z',
    fill: colour('accent'),
    ...halo,
  },
  stopped: { label: 'stopped', side: 'below', path: 'M-4-4H4V4H-4Z', fill: colour('stop'), ...halo },
  false: {
    label: 'stopped, and in use again within 15 min',
    side: 'below',
    path: 'M-4-4H4V4H-4Z',
    fill: colour('card'),
    stroke: colour('stop'),
    lineWidth: 2,
  },
  'while-busy': {
    label: 'stopped while in use',
    side: 'below',
    path: 'M-5-3L-3-5L0-2L3-5L5-3L2 0L5 3L3 5L0 2L-3 5L-5 3L-2 0Z',
    fill: colour('bad'),
    ...halo,
  },
  restored: { label: 'restored', side: 'below', path: 'M-4.5 4H4.5L0-4Z', fill: colour('good'), ...halo },
};

/** The patterns that charts and keys refer to, once a page. */
export const hatches = (): Html =>
  html`<svg class="defs" aria-hidden="true" focusable="false"><defs>
<pattern id="hatch-stop" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="${colour('stopGround')}"/><rect width="2" height="6" fill="${colour('stop')}"/></pattern>
<pattern id="hatch-estimated" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="1.5" height="5" fill="${colour('estimated')}"/></pattern>
</defs></svg>`;

const attributes = ({ fill, stroke, lineWidth }: Paint): Html =>
  html` fill="${fill}"${stroke !== undefined && html` stroke="${stroke}" stroke-width="${lineWidth ?? 1}"`}`;

/** An entry of a key: a picture 22 wide and 16 high, and what it means. */
export const swatch = (content: Html, label: Part): Html =>
  html`<li><svg width="22" height="16" viewBox="0 0 22 16" aria-hidden="true" focusable="false">${content}</svg> ${label}</li>`;

/** The key of the timeline: only what stands in it. */
export const timelineKey = (markers: ReadonlySet<MarkerKind>): Html => {
  const bar = (kind: BarKind, under?: BarKind): Html => {
    const rect = (of: BarKind) =>
      html`<rect x="1" y="${8 - BARS[of].height / 2}" width="20" height="${BARS[of].height}"${attributes(BARS[of])}/>`;
    return swatch(html`${under !== undefined && rect(under)}${rect(kind)}`, BARS[kind].label);
  };
  return html`<ul class="legend" aria-label="Key">${bar('ran')}${bar('busy', 'ran')}${bar('stopped')}${swatch(
    html`<path d="M1 8H21" stroke="${colour('edge')}"/>`,
    'off',
  )}${Object.entries(MARKERS).flatMap(([kind, marker]) =>
    [...markers].some((one) => one === kind)
      ? [
          swatch(
            html`<path transform="translate(11 8)" d="${trusted(marker.path)}"${attributes(marker)}/>`,
            marker.label,
          ),
        ]
      : [],
  )}</ul>`;
};

/** The key of spend against limit. */
export const spendKey = (): Html =>
  html`<ul class="legend" aria-label="Key">${swatch(
    html`<rect x="1" y="3" width="20" height="12" fill="${colour('billed')}" fill-opacity=".25"/><path d="M1 3H21" stroke="${colour('billed')}" stroke-width="2"/>`,
    'billed (solid)',
  )}${swatch(
    html`<rect x="1" y="3" width="20" height="12" fill="url(#hatch-estimated)" fill-opacity=".45"/><path d="M1 3H21" stroke="${colour('estimated')}" stroke-width="2" stroke-dasharray="5 3"/>`,
    'estimated, on top of it (dashed)',
  )}${swatch(
    html`<path d="M1 8H21" stroke="${colour('limit')}" stroke-width="2" stroke-dasharray="10 3 2 3"/>`,
    'limit of the month',
  )}</ul>`;
