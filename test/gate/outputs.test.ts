import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { EstimatedItem } from '../../lib/estimate/estimate.ts';
import { gateAnnotations } from '../../lib/gate/annotations.ts';
import { chooseAlternatives } from '../../lib/gate/choose.ts';
import { type ComparedItem, compareItems } from '../../lib/gate/compare.ts';
import { GateJsonSchema, gateJson } from '../../lib/gate/json.ts';
import { judgeChange } from '../../lib/gate/judge.ts';
import { gateMarkdown, safe } from '../../lib/gate/markdown.ts';
import { statedRemaining } from '../../lib/gate/remaining.ts';
import type { GateResult } from '../../lib/gate/result.ts';
import { gateSarif } from '../../lib/gate/sarif.ts';
import { isSaved, readSaved, savedText } from '../../lib/gate/saved.ts';
import { machine, price, stated, usd } from './items.ts';

async function resultOf(
  items: readonly EstimatedItem[],
  {
    base,
    limit = '5000',
    warnAt,
  }: { readonly base?: readonly EstimatedItem[]; readonly limit?: string; readonly warnAt?: number } = {},
): Promise<GateResult> {
  const compared = compareItems(base, items);
  const remaining = new Map([['nlp', [statedRemaining('nlp', usd(limit), usd('3900'))]]]);
  const judge = (some: readonly ComparedItem[]) =>
    judgeChange({ items: some, remaining, ...(warnAt === undefined ? {} : { warnAt }) });
  const judgement = judge(compared.items);
  return {
    items: compared.items,
    hasBase: compared.hasBase,
    free: 2,
    judgement,
    alternatives: await chooseAlternatives({ items: compared.items, judgement, judge, price }),
    written: [],
    isStated: true,
    notes: [],
  };
}

const big = await price([machine('App/Api', { type: 'g5.12xlarge', needs: { gpus: 1 } })]);
const over = await resultOf([
  ...big,
  stated('App/Bucket', '1', { unpriced: ['Requests are not counted.'] }),
  stated('App/Other', '5', { project: undefined }),
]);

describe('the comment', () => {
  it('begins with a marker of its own, then the verdict', () => {
    const [marker, first] = gateMarkdown(over, 'ml app').split('\n');
    expect(marker).toBe('<!-- bursar-gate:ml-app -->');
    expect(first).toBe(
      '**❌ Bursar: Over: nlp comes to \\$8,041.56 a month, \\$3,041.56 over its limit of \\$5,000.00.**',
    );
  });

  it('has what changed, the limit and what would pass; the rest is folded', () => {
    const text = gateMarkdown(over);
    expect(text).toContain(
      '| new | <code>App/Api</code><br>AWS::Thing | nlp | – | \\$4,140.56 | +\\$4,140.56 |',
    );
    expect(text).toContain(
      '| nlp | \\$5,000.00 | \\$3,900.00 | +\\$4,141.56 | **\\$8,041.56** | ❌ \\$3,041.56 over |',
    );
    expect(text).toContain('It passes with <code>g5.xlarge</code> in place of <code>g5.12xlarge</code>');
    expect(text).toContain('<details><summary>1 thing has no price</summary>');
    expect(text).toContain('<details><summary>Not judged</summary>');
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0);
  });

  it('shows nothing of a template as anything but text', async () => {
    const evil =
      'a|b`<img src=x onerror=1>[x](https://evil.example) @org/team #12 **b** www.evil.example\n| c |\n<!-- bursar-gate:default -->';
    const text = gateMarkdown(await resultOf([stated(evil, '1', { type: evil, unpriced: [evil] })]));
    const row = text.split('\n').find((line) => line.startsWith('| new'));
    expect(row?.match(/(?<!\\)\|/g)).toHaveLength(7);
    expect(text).not.toMatch(/<img/);
    expect(text).not.toMatch(/[@#]\w/);
    expect(text).not.toMatch(/https?:\/\//);
    expect(text).not.toMatch(/www\./);
    expect(text.match(/<!-- bursar-gate/g)).toHaveLength(1);
    expect(text).not.toMatch(/(?<!\\)\]\(/);
  });

  it('leaves amounts no formula to be, and makes what controls a terminal visible', () => {
    expect(safe('$1 and $2')).toBe('\\$1 and \\$2');
    expect(safe('a\u001b[31m\u202eb')).toBe('a \\[31m b');
  });

  it('is never longer than a comment may be, and folds close', async () => {
    const many = Array.from({ length: 3_000 }, (_, n) =>
      stated(`Stack/${'x'.repeat(100)}${n}`, '1', { unpriced: ['y'.repeat(200)] }),
    );
    const text = gateMarkdown(await resultOf(many));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('… and 2960 more');
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  });
});

const text = z.strictObject({ text: z.string().min(1) });
const place = z.strictObject({
  artifactLocation: z.strictObject({ uri: z.string().regex(/^(?!\.\/)[^\\\s]+$/) }),
  region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1).optional() }),
});
const level = z.enum(['none', 'note', 'warning', 'error']);

/** What of SARIF 2.1.0 is written, with no property that the standard does not know. */
const SarifSchema = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.literal('Bursar'),
          version: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string().regex(/^[a-z-]+$/),
              name: z.string().regex(/^[A-Z][A-Za-z]+$/),
              shortDescription: text,
              fullDescription: text,
              help: text,
              defaultConfiguration: z.strictObject({ level }),
            }),
          ),
        }),
      }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level,
          message: text,
          locations: z.tuple([z.strictObject({ physicalLocation: place })]),
          relatedLocations: z.array(z.strictObject({ id: z.int(), physicalLocation: place })).optional(),
          partialFingerprints: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
        }),
      ),
    }),
  ]),
});

describe('SARIF', () => {
  it('has a result for what is over, without a price and not judged, each at its place and of its rule', () => {
    const [sarif] = SarifSchema.parse(gateSarif(over, '0.1.0')).runs;
    expect(sarif.results.map((one) => [one.ruleId, one.level])).toEqual([
      ['over-budget', 'error'],
      ['unpriced', 'warning'],
      ['not-judged', 'error'],
    ]);
    for (const { ruleId, ruleIndex } of sarif.results)
      expect(sarif.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    const [first] = sarif.results;
    expect(first?.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'infra/app.yaml' },
      region: { startLine: 9 },
    });
    expect(first?.message.text).toContain('App/Api adds $4,140.56 to nlp. $3,900.00 + $4,141.56 = $8,041.56');
    expect(first?.message.text).toContain('It passes with g5.xlarge for $734.38 a month');
  });

  it('warns of what is near, tells nothing of what passes, and knows a finding again on another line', async () => {
    const near = (line: number) =>
      resultOf([stated('a', '100', { place: { file: 'my app/ä.yaml', line } })], { warnAt: 80 });
    const [first] = SarifSchema.parse(gateSarif(await near(1), '1')).runs[0].results;
    const [later] = SarifSchema.parse(gateSarif(await near(7), '1')).runs[0].results;
    expect(first).toMatchObject({ ruleId: 'near-budget', level: 'warning' });
    expect(first?.locations[0].physicalLocation.artifactLocation.uri).toBe('my%20app/%C3%A4.yaml');
    expect(first?.partialFingerprints).toEqual(later?.partialFingerprints);
    expect(SarifSchema.parse(gateSarif(await resultOf([stated('a', '1')]), '1')).runs[0].results).toEqual([]);
  });
});

describe('annotations', () => {
  it('are commands at a place, of which no text can make another', async () => {
    const lines = gateAnnotations(
      await resultOf([stated('a\n::error::b', '9999', { place: { file: 'x,y:z.yaml', line: 2, col: 4 } })]),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^::error file=x%2Cy%3Az\.yaml,line=2,col=4,title=Over budget%3A nlp::a%0A::error::b adds /,
    );
    expect(lines[0]).not.toContain('\n');
  });

  it('are no more than GitHub takes of a step', async () => {
    const many = Array.from({ length: 40 }, (_, n) => stated(`a${n}`, '0', { unpriced: ['No price.'] }));
    expect(gateAnnotations(await resultOf(many))).toHaveLength(10);
  });
});

describe('JSON', () => {
  it('is of the form that is promised, whatever the verdict', async () => {
    for (const result of [over, await resultOf([], { base: [stated('a', '1')] })]) {
      const json = gateJson(result);
      expect(GateJsonSchema.parse(JSON.parse(JSON.stringify(json)))).toEqual(json);
    }
    expect(gateJson(over)).toMatchObject({
      verdict: 'over',
      delta: '4146.56',
      unpriced: { count: 1, items: ['App/Bucket'] },
      unjudged: [{ project: null, delta: '5', items: ['App/Other'] }],
    });
  });
});

describe('saved estimates', () => {
  it('read back as what they were compared by', () => {
    const saved: unknown = JSON.parse(savedText({ items: big, free: 0 }));
    expect(isSaved(saved)).toBe(true);
    expect(compareItems(readSaved(saved, 'e.json'), big).items.map(({ change }) => change)).toEqual(['same']);
  });

  it('of another form are one line for people', () => {
    expect(() => readSaved({ bursar: 'estimate', version: 2 }, 'e.json')).toThrow(
      /^e\.json: It is no estimate that this version has saved at version\. Save it anew by bursar gate --save\.$/,
    );
  });
});
