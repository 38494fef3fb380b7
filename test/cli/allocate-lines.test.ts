import { expect, it } from 'vitest';
import { allocate } from '../../lib/allocate/allocate.ts';
import { allocateLines } from '../../lib/cli/allocate-lines.ts';
import { bill, line } from '../allocate/fixtures.ts';
import { recordedIo } from './run-cli.ts';

it('what has no project is the same to the cent wherever it is told', () => {
  // Half a cent each, of which one is shown: that of the project.
  const allocation = allocate({
    bill: bill([
      line('fraud', '2026-11-01', '1.005'),
      line('', '2026-11-01', '1.002'),
      { ...line('', '2026-11-01', '0.003'), service: 'Amazon S3' },
    ]),
    rules: [],
    usage: new Map(),
    projects: [],
  });
  const lines = allocateLines(allocation, [], recordedIo().io);
  const at = lines.findIndex((text) => text.startsWith('No project: '));
  expect(lines.find((text) => /^ *No project/.test(text))).toContain('$1.00 ');
  expect(lines.slice(at, at + 3)).toEqual([
    'No project: $1.00 that no rule under allocation places',
    expect.stringMatching(/Amazon EC2 +\$1\.00/),
    expect.stringMatching(/Amazon S3 +\$0\.00/),
  ]);
});
