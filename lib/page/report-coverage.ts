import type { CoverageFigures } from '../compliance/coverage.ts';
import { counted } from '../decide/sentences.ts';
import type { TagCoverage } from '../report/report.ts';
import { microUsd } from '../types/money.ts';
import { figureList } from './figures.ts';
import { type Html, html, name } from './html.ts';
import { projectName } from './projects.ts';
import { leftOut, perHour } from './report-words.ts';
import { table } from './table.ts';

const MOST = 400;

/** How well what exists is tagged, and what is billed carries a project. */
export function tagCoverage({ account, projects, spendWithProject }: TagCoverage): Html {
  const some = [...projects].slice(0, MOST);
  return html`${figureList([
    {
      name: 'Billed spend with a project',
      value: spendWithProject === undefined ? 'not known' : `${spendWithProject}%`,
      note: 'of what is billed in the month',
    },
    {
      name: 'Resources with all tags',
      value: `${account.byCount}%`,
      note: `${account.compliant} of ${counted(account.resources, 'resource')}`,
    },
    {
      name: 'By what they cost now',
      value: `${account.byCost}%`,
      note: `${perHour(microUsd(account.hourly - account.compliantHourly))} lacks tags`,
    },
  ])}
${table(
  'Required tags by project: how many resources lack one, or have a value that is not allowed.',
  [
    { title: 'Project', sort: 'text' },
    { title: 'Resources', right: true, sort: 'number' },
    { title: 'With all tags', right: true, sort: 'number', className: 'nowrap' },
    { title: 'By cost', right: true, sort: 'number', className: 'nowrap' },
    { title: 'Lacks', className: 'why' },
  ],
  some.map(([project, one]) => ({
    cells: [
      { content: projectName(project === '' ? undefined : project) },
      { content: one.resources },
      { content: `${one.byCount}%`, key: one.byCount },
      { content: `${one.byCost}%`, key: one.byCost },
      { content: lacking(one) },
    ],
  })),
  'stack',
  {
    cells: [
      { content: 'Account' },
      { content: account.resources },
      { content: `${account.byCount}%` },
      { content: `${account.byCost}%` },
      { content: lacking(account) },
    ],
  },
)}
${some.length < projects.size && leftOut(projects.size - some.length, 'project')}`;
}

const lacking = ({ lacking: tags, unpriced }: CoverageFigures): Html => {
  const some = tags.filter(({ missing, wrong }) => missing + wrong > 0);
  if (some.length === 0) return html`<span class="good-text">✓ nothing</span>`;
  return html`${some.map(
    ({ key, missing, wrong }, index) =>
      html`${index > 0 && '; '}${name(key)}: ${[...(missing > 0 ? [`${missing} without`] : []), ...(wrong > 0 ? [`${wrong} not allowed`] : [])].join(', ')}`,
  )}${unpriced > 0 && html`<span class="sub">${unpriced} of them without a known price</span>`}`;
};
