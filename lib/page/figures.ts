import { figuresOf } from '../cli/run-text/figures.ts';
import { counted } from '../decide/sentences.ts';
import type { RunResult } from '../simulate/result.ts';
import { formatUsd } from '../types/money.ts';
import { type Html, html, type Part } from './html.ts';

export interface Figure {
  readonly name: string;
  readonly value: Part;
  readonly note?: Part;
  readonly mood?: 'good' | 'bad' | 'warn';
}

export const figureList = (figures: readonly Figure[]): Html =>
  html`<dl class="figures">${figures.map(
    ({ name, value, note, mood }) =>
      html`<div${mood !== undefined && html` class="${mood}"`}><dt>${name}</dt><dd>${value}${note !== undefined && html`<small>${note}</small>`}</dd></div>`,
  )}</dl>`;

/** What a run comes to. */
export function runFigures(result: RunResult): Html {
  const {
    saved,
    savedPercent,
    stops,
    stoppedResources,
    whileBusy,
    falseStops,
    warnings,
    told,
    restores,
    keeps,
  } = figuresOf(result);
  return figureList([
    { name: 'Spent', value: formatUsd(result.spent) },
    { name: 'Without Bursar', value: formatUsd(result.without) },
    {
      name: saved < 0n ? 'Saved (spent more)' : 'Saved',
      value: formatUsd(saved),
      note: `${savedPercent}% of it`,
      ...(saved > 0n ? { mood: 'good' } : saved < 0n ? { mood: 'warn' } : {}),
    },
    {
      name: 'Stops',
      value: stops,
      note: `${stoppedResources} of ${counted(result.resources.length, 'resource')}`,
    },
    {
      name: 'False stops',
      value: falseStops,
      note: 'in use again within 15 min',
      ...(falseStops === 0 ? {} : { mood: 'warn' }),
    },
    whileBusy === 0
      ? { name: 'Stopped while busy', value: 'none', note: '✓ as it must be', mood: 'good' }
      : { name: 'Stopped while busy', value: whileBusy, note: '✗ must be none', mood: 'bad' },
    { name: 'Warnings', value: warnings, note: counted(told, 'other alert') },
    { name: 'Brought back', value: restores, note: `${counted(keeps, 'time')} kept by people` },
  ]);
}
