import fc from 'fast-check';
import type { RunEvent, RunResult, Span } from '../../lib/simulate/result.ts';
import { microUsd, type Usd } from '../../lib/types/money.ts';

/** What would break a page that trusts it. */
export const NASTY = [
  '<script>alert(1)</script>',
  '</script><script>alert(2)</script>',
  '</title><img src=x onerror=alert(3)>',
  '" onload="alert(4)',
  "' autofocus onfocus='alert(5)",
  '</text></svg><script>alert(6)</script>',
  ']]><script>alert(7)</script>',
  '<!--',
  '&lt;b&gt; &amp;',
  'a\u0000b\u202ec\n\td',
  '\ud800',
] as const;

export const anyWords = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'grapheme', maxLength: 30 }));

const FROM = Date.UTC(2026, 9, 20);
const anyUsd: fc.Arbitrary<Usd> = fc.oneof(
  fc.bigInt({ min: -(10n ** 9n), max: 10n ** 11n }).map(microUsd),
  fc.constant(microUsd(183_965_812_157_540_000n)),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Of a run of up to so many hours; instants may lie outside of it, as of what ran before. */
const anyTime = (hours: number) =>
  fc.integer({ min: -24, max: hours + 24 }).map((hour) => new Date(FROM + hour * 3_600_000));

const anySpans = (hours: number): fc.Arbitrary<readonly Span[]> =>
  fc
    .uniqueArray(fc.integer({ min: -24, max: hours + 24 }), { maxLength: 12 })
    .map((edges) => edges.sort((a, b) => a - b).map((hour) => new Date(FROM + hour * 3_600_000)))
    .map((edges) =>
      edges.flatMap((from, index) => {
        const to = edges[index + 1];
        return index % 2 === 0 && to !== undefined ? [{ from, to }] : [];
      }),
    );

function anyEvent(hours: number, arns: readonly string[], projects: readonly (string | undefined)[]) {
  const time = anyTime(hours);
  const base = { at: time, project: fc.constantFrom(...projects), reason: anyWords };
  const arn = fc.constantFrom(...arns, '<b>gone</b>');
  const by = anyWords;
  return fc.oneof<fc.Arbitrary<RunEvent>[]>(
    fc.record({ ...base, event: fc.constantFrom('warned', 'notified'), arn, policy: anyWords, stopAt: time }),
    fc.record({
      ...base,
      event: fc.constant('stopped'),
      arn,
      policy: anyWords,
      trigger: anyWords,
      whileBusy: fc.boolean(),
      falseStop: fc.boolean(),
    }),
    fc.record({ ...base, event: fc.constantFrom('failed', 'skipped'), arn, code: anyWords }),
    fc.record({ ...base, event: fc.constant('restored'), arn, by }),
    fc.record({ ...base, event: fc.constant('kept'), arn, until: time, by }),
    fc.record({ ...base, event: fc.constant('refused'), by }),
    fc.record({
      ...base,
      event: fc.constant('held'),
      cause: anyWords,
      arns: fc.array(arn, { maxLength: 8 }),
    }),
    fc.record({ ...base, event: fc.constantFrom('released', 'unfrozen'), by }),
    fc.record({ ...base, event: fc.constant('budget'), threshold: anyWords, spent: anyUsd, limit: anyUsd }),
    fc.record({ ...base, event: fc.constantFrom('frozen', 'fault'), until: time }),
    fc.record({ ...base, event: fc.constant('burn-rate'), burn: anyUsd, usual: anyUsd }),
    fc.record({ ...base, event: fc.constantFrom('started', 'ended'), arn }),
  );
}

/** Any run, however odd: names that attack, money below zero, spans outside of it, none of anything. */
export const anyRun: fc.Arbitrary<RunResult> = fc
  .record({
    hours: fc.constantFrom(0, 1, 30, 24 * 40, 24 * 800),
    names: fc.uniqueArray(maybe(anyWords), { maxLength: 4 }),
    count: fc.nat({ max: 8 }),
  })
  .chain(({ hours, names, count }) => {
    const time = anyTime(hours);
    const arns = Array.from({ length: count }, (_, index) => `arn:<i>${index}</i>`);
    const projects = [undefined, ...names];
    return fc.record({
      title: anyWords,
      description: anyWords,
      from: fc.constant(new Date(FROM)),
      to: fc.constant(new Date(FROM + hours * 3_600_000)),
      policy: anyWords,
      spent: anyUsd,
      without: anyUsd,
      assumptions: fc.array(anyWords, { maxLength: 2 }),
      projects: fc.tuple(
        ...names.map((project) =>
          fc.record({
            project: fc.constant(project),
            limit: maybe(anyUsd),
            spent: anyUsd,
            without: anyUsd,
            points: fc
              .array(fc.record({ at: time, billed: anyUsd, estimated: anyUsd }), { maxLength: 8 })
              .map((points) => points.sort((a, b) => a.at.getTime() - b.at.getTime())),
          }),
        ),
      ),
      resources: fc.tuple(
        ...arns.map((arn) =>
          fc.record({
            arn: fc.constant(arn),
            id: anyWords,
            kind: anyWords,
            title: anyWords,
            size: anyWords,
            region: anyWords,
            project: fc.constantFrom(...projects),
            policy: maybe(anyWords),
            hourly: maybe(anyUsd),
            ran: anySpans(hours),
            stopped: anySpans(hours),
            busy: anySpans(hours),
            spent: anyUsd,
            without: anyUsd,
          }),
        ),
      ),
      events: fc
        .array(anyEvent(hours, arns, projects), { maxLength: 12 })
        .map((events) => events.sort((a, b) => a.at.getTime() - b.at.getTime())),
      gates: fc.array(
        fc.record({
          at: time,
          outcome: fc.record({
            project: anyWords,
            limit: anyUsd,
            committed: anyUsd,
            judged: fc.array(
              fc.record({
                type: anyWords,
                verdict: fc.constantFrom('pass', 'over', 'unfit', 'unpriced'),
                adds: anyUsd,
                why: anyWords,
              }),
              { maxLength: 2 },
            ),
            verdict: fc.constantFrom('pass', 'over'),
            pick: anyWords,
          }),
        }),
        { maxLength: 2 },
      ),
      counts: fc.record({ sweeps: fc.nat(), metrics: fc.nat() }),
    });
  });
