import { createHash } from 'node:crypto';
import type { Place } from '../estimate/estimate.ts';
import { type Finding, findingsOf, RULES } from './findings.ts';
import type { GateResult } from './result.ts';

const IDS = ['over-budget', 'near-budget', 'unpriced', 'not-judged'] as const;

/** So many locations of one result are read by GitHub at most; the first is the result's own. */
const MOST_OTHERS = 20;

/**
 * The findings of a gate as SARIF 2.1.0 (OASIS, “Static Analysis Results Interchange Format Version 2.1.0”), which GitHub
 * code scanning and others read.
 * @param version of Bursar
 */
export function gateSarif(result: GateResult, version: string): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Bursar',
            version,
            rules: IDS.map((id) => ({
              id,
              name: RULES[id].title.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase()),
              shortDescription: { text: `${RULES[id].title}.` },
              fullDescription: { text: RULES[id].text },
              help: { text: RULES[id].text },
              defaultConfiguration: { level: RULES[id].level },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findingsOf(result).map(resultOf),
      },
    ],
  };
}

function resultOf({ rule, level, message, place, others, about }: Finding): object {
  return {
    ruleId: rule,
    ruleIndex: IDS.indexOf(rule),
    level,
    message: { text: message },
    locations: [{ physicalLocation: physical(place) }],
    ...(others.length === 0
      ? {}
      : {
          relatedLocations: others
            .slice(0, MOST_OTHERS)
            .map((other, index) => ({ id: index + 1, physicalLocation: physical(other) })),
        }),
    // By it a finding is known again after lines have moved.
    partialFingerprints: {
      'bursarGate/v1': createHash('sha256').update(`${rule}\n${place.file}\n${about}`).digest('hex'),
    },
  };
}

const physical = ({ file, line = 1, col }: Place): object => ({
  artifactLocation: { uri: uriOf(file) },
  region: { startLine: line, ...(col === undefined ? {} : { startColumn: col }) },
});

/** A file as a URI reference: relative to the folder that the gate ran in, or whole where it is absolute. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').replace(/^\.\//, '');
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  if (/^[A-Za-z]:\//.test(path)) return `file:///${encoded.replace('%3A', ':')}`;
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
