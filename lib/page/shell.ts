import { createHash } from 'node:crypto';
import { type Html, html, type Part, trusted } from './html.ts';
import { hatches } from './marks.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is loaded, sent or run but the page's own style and script. */
const SECURITY = `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; base-uri 'none'; form-action 'none'`;

/** One whole page, which needs nothing beside itself: title, what it is about, the choice of light or dark, content. */
export function shell(page: {
  readonly title: string;
  /** Below the title: paragraphs. */
  readonly about: Part;
  readonly main: Part;
  readonly footer?: Part;
}): string {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(SECURITY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${page.title === '' ? 'Bursar' : page.title}</title>
<style>${trusted(STYLE)}</style>
<script>${trusted(SCRIPT)}</script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${hatches()}
<header>
<div>
<h1>${page.title === '' ? 'Bursar' : page.title}</h1>
${page.about}
</div>
${themeSwitch()}
</header>
<main id="content" tabindex="-1">
${page.main}
</main>
<footer>${page.footer ?? html`<p>Made by Bursar. All times are UTC, all amounts USD.</p>`}</footer>
</body>
</html>
`.toString();
}

const themeSwitch = (): Html => html`<fieldset class="theme" data-scripted hidden>
<legend class="unseen">Colours</legend>
${[
  ['auto', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
].map(
  ([value, label]) =>
    html`<label><input type="radio" name="colours" value="${value}"${value === 'auto' && trusted(' checked')}><span>${label}</span></label>`,
)}
</fieldset>`;

/** A part of the page under a heading. `id` is the page's own. */
export const section = (id: string, heading: string, content: Part, className?: 'alarm' | 'care'): Html =>
  html`<section aria-labelledby="${id}"${className !== undefined && html` class="${className}"`}>
<h2 id="${id}">${heading}</h2>
${content}
</section>`;
