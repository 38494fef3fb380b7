import { colourProperties } from './colours.ts';

/** Tables as blocks, a row each. */
const stacked = (of: string): string => `
${of},${of} caption,${of} thead,${of} tbody,${of} tfoot,${of} tr,${of} th,${of} td{display:block;padding:0;border:0}
${of} thead{margin-bottom:6px}${of} thead tr{display:flex;flex-wrap:wrap;gap:2px 14px}
${of} thead th:not([data-sort]){display:none}
${of} tbody tr,${of} tfoot tr{border-top:1px solid var(--line);padding:9px 0}
${of} .right{text-align:left}
${of} caption{padding-bottom:6px}
${of} td{position:relative;min-height:1.5em;padding:1px 0 1px 112px}
${of} td::before{content:attr(data-label);position:absolute;left:0;top:2px;width:104px;color:var(--soft);font-size:.87em}
${of} td:empty{display:none}
${of} .nowrap{white-space:normal}
${of} th,${of} td,${of} td.why{min-width:0}
`;

/** The style of a page. Tables of whole sentences, or of many columns, need more room than others. */
export const STYLE = `
:root{color-scheme:light dark;${colourProperties()}}
:root[data-theme=light]{color-scheme:light}
:root[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:1240px;margin:0 auto;padding:0 20px}
h1,h2,h3,h4,h5{line-height:1.25;margin:0 0 .4em;text-wrap:balance}
h1{font-size:1.7rem}table+h3,p+h3,ul+h3,details+h3,div+h3{margin-top:18px}h2{font-size:1.25rem}h3{font-size:1rem}h4,h5{font-size:.95rem}h4{color:var(--soft)}
p{margin:0 0 .7em;max-width:80ch}
a{color:var(--accent)}
code{font:.92em ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
pre.command{font:.86em ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:6px 0;padding:6px 8px;border:1px solid var(--line);border-radius:6px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:12px;top:-60px;background:var(--card);color:var(--accent);padding:8px 14px;border:2px solid var(--accent);border-radius:6px;z-index:9}
.skip:focus{top:8px}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header{padding-top:22px;display:flex;gap:12px 32px;flex-wrap:wrap;align-items:flex-start;justify-content:space-between}
header>div{flex:1 1 420px}
.facts{color:var(--soft);margin:0}
.theme{border:1px solid var(--edge);border-radius:8px;padding:2px;margin:0;display:flex;flex:none;background:var(--card)}
.theme label{display:block;cursor:pointer}
.theme input{position:absolute;opacity:0;width:1px;height:1px}
.theme span{display:block;padding:4px 12px;border-radius:6px;font-size:.87rem}
.theme input:checked+span{background:var(--accent);color:var(--card);font-weight:600}
.theme input:focus-visible+span{outline:3px solid var(--accent);outline-offset:3px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;margin:18px 0}
section>:last-child{margin-bottom:0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:12px;margin:18px 0;padding:0}
.figures>div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 16px}
.figures dt{color:var(--soft);font-size:.87rem}
.figures dd{margin:0;font-size:1.45rem;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
.figures dd small{display:block;font-size:.85rem;font-weight:400;color:var(--soft)}
.figures .good{border-color:var(--good)}.figures .good dd{color:var(--good)}
.figures .bad{border:2px solid var(--bad);background:var(--badGround)}.figures .bad dd,.figures .bad dt,.figures .bad small{color:var(--bad)}
.figures .warn{border-color:var(--warn)}.figures .warn dd{color:var(--warn)}
.alarm{border:2px solid var(--bad);background:var(--badGround)}.alarm h2{color:var(--bad)}
.care{border-color:var(--warn);background:var(--warnGround)}.care h2{color:var(--warn)}
.tag{display:inline-block;border:1px solid currentColor;border-radius:5px;padding:0 6px;font-size:.84rem;font-weight:600;white-space:nowrap}
.tag.good{color:var(--good);background:var(--goodGround)}.tag.bad{color:var(--bad);background:var(--badGround)}.tag.warn{color:var(--warn);background:var(--warnGround)}.tag.stop{color:var(--stop);background:var(--stopGround)}.tag.soft{color:var(--soft)}
.soft{color:var(--soft)}.small{font-size:.87rem}
.good-text{color:var(--good)}.bad-text{color:var(--bad)}
ul.plain{list-style:none;margin:0;padding:0}ul.plain li{padding:5px 0;border-top:1px solid var(--line)}ul.plain li:first-child{border-top:0}
ul.checks li{display:grid;grid-template-columns:auto 1fr;gap:10px;align-items:start}
.scroll{overflow-x:auto;position:relative}
table{border-collapse:collapse;width:100%;margin:0 0 14px;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:0 0 6px;font-size:.87rem}
th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-top:1px solid var(--line);overflow-wrap:anywhere;min-width:9ch}
th{font-weight:600}
thead th{border-top:0;color:var(--soft);font-size:.84rem;vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:500}
tfoot th,tfoot td{font-weight:650;border-top:2px solid var(--edge)}
.in-1{display:block;padding-left:18px}.in-2{display:block;padding-left:36px}
tr:has(.whole) th,tr:has(.whole) td{font-weight:650}
.slim{max-width:680px}
.rules{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(520px,100%),1fr));gap:0 30px;align-items:start}
.right{text-align:right}
.nowrap{white-space:nowrap}
td.why{min-width:24ch}
.word{display:inline-block;min-width:min(11.5ch,100%)}
.sentences tbody th{min-width:17ch}
thead button{font:inherit;color:inherit;background:none;border:0;padding:2px 0;cursor:pointer;text-decoration:underline dotted;text-underline-offset:3px}
thead button::after{content:" ↕";opacity:.75}
[aria-sort=ascending] button::after{content:" ↑"}[aria-sort=descending] button::after{content:" ↓"}
.sub{display:block;color:var(--soft);font-size:.87em;font-weight:400}
.bar{display:block;width:100%;min-width:70px;height:16px}
details{margin:10px 0}
summary{cursor:pointer;color:var(--accent);font-weight:500;padding:3px 0}
summary h3,summary h4{display:inline;color:var(--ink)}
details.group{border-top:1px solid var(--line);margin:0;padding:8px 0}
.filters{display:flex;gap:10px 16px;flex-wrap:wrap;align-items:end;margin:0 0 12px}
.filters label{display:grid;gap:2px;font-size:.87rem;color:var(--soft)}
.filters input,.filters select{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--edge);border-radius:6px;padding:5px 9px;min-width:min(240px,100%);max-width:100%}
.filters output{font-size:.87rem;color:var(--soft);padding:6px 0}
.legend{display:flex;gap:4px 18px;flex-wrap:wrap;list-style:none;margin:0 0 10px;padding:0;font-size:.87rem;color:var(--soft)}
.legend li{display:flex;gap:6px;align-items:center}
.legend svg{flex:none}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:22px}
.jump{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:14px 0 0;padding:0;font-size:.92rem}
.jump a{display:inline-block;padding:4px 0}
.kept,.band{white-space:nowrap}
figure{margin:0 0 14px;min-width:0}
figcaption{font-size:.87rem;color:var(--soft);margin-top:2px}
svg text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
svg.chart{display:block;max-width:100%;height:auto}
.wide svg.chart{width:100%}
.narrow{display:none}
.defs{position:absolute;width:0;height:0}
footer{color:var(--soft);font-size:.87rem;padding-bottom:30px}
@media not print{@media (max-width:900px){.wide{display:none}.narrow{display:block}}}
@media (max-width:760px){
main,header,footer{padding-left:12px;padding-right:12px}
section{padding:14px 12px}
h1{font-size:1.35rem}
.figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:8px}
.figures>div{padding:10px 12px}.figures dd{font-size:1.15rem}
}
@media not print{@media (max-width:860px){${stacked('.stack')}}@media (max-width:1120px){${stacked('.stack:is(.sentences,.broad)')}}}
@media print{
.jump{display:none}
details.fine{display:none}
.report table{font-size:7.5pt}.report th,.report td,.report td.why{min-width:0;padding:4px 7px 4px 0}.report thead th{white-space:normal;overflow-wrap:normal;font-size:7pt}.report .band{white-space:normal}.report td .tag{font-size:7pt}
.report .charts{grid-template-columns:1fr 1fr}
.report .dense table{font-size:6.5pt}.report .dense th,.report .dense td{padding-right:5px}
.report .rules{display:block}.in-0,.in-1,.in-2{min-width:15ch}.in-1{padding-left:8px}.in-2{padding-left:16px}
:root,:root[data-theme]{color-scheme:light}
body{background:none;font-size:10pt}
.skip,.theme,.filters,thead button::after{display:none}
section,.figures>div{border-color:#bbb;break-inside:auto}
figure,tr,.figures>div{break-inside:avoid}
.scroll{overflow:visible}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
@media (forced-colors:active){svg.chart,.legend svg,.bar{forced-color-adjust:none}.theme input:checked+span{outline:2px solid}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`;
