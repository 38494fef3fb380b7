import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../lib/ledger/ledger.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { scheduledStop } from '../../lib/savings/scheduled.ts';
import { costOver, formatUsd, microUsd, sumUsd, usdToDecimal } from '../../lib/types/money.ts';
import type { Savings } from '../../lib/types/savings.ts';
import {
  after,
  endpoint,
  FRIDAY,
  HOUR,
  off,
  on,
  record,
  resource,
  restore,
  savings,
  stop,
  usd,
} from './fixtures.ts';

const END = new Date('2026-12-01T00:00:00.000Z');

/** `24 restored`: hours after the stop, and what ended it. */
const ends = ({ stops }: Savings): readonly string[] =>
  stops.map(({ stoppedAt, until, by }) => `${(until.getTime() - stoppedAt.getTime()) / HOUR} ${by}`);

describe('a stop saves price × time', () => {
  const ranker = endpoint('ranker');

  it('of $2,346.08 where an endpoint of $37.688/h is off from Friday 18:45 to Monday 09:00', () => {
    const found = savings([stop(ranker, FRIDAY), restore(ranker, new Date('2026-11-16T09:00:00.000Z'))]);
    expect(ends(found)).toEqual(['62.25 restored']);
    expect(formatUsd(found.total)).toBe('$2,346.08');
    expect(found.stops).toMatchObject([
      { id: 'ranker', project: 'recsys', trigger: 'idle', policy: 'development', reason: 'Idle for 45 min.' },
    ]);
    expect(found.byProject).toEqual([{ project: 'recsys', saved: found.total, stops: 1 }]);
  });

  it('to the end of the period where it stays off, or to now', () => {
    expect(ends(savings([stop(ranker, FRIDAY)]))).toEqual([
      `${(END.getTime() - FRIDAY.getTime()) / HOUR} period`,
    ]);
    expect(ends(savings([stop(ranker, FRIDAY)], { now: after(5) }))).toEqual(['5 now']);
  });

  it('for no longer than is believed of one stop', () => {
    const found = savings([stop(ranker, FRIDAY)], { atMostSeconds: 7 * 86_400 });
    expect(ends(found)).toEqual(['168 cap']);
    expect(found.assumptions.join('\n')).toContain('At most 7 days of one stop count');
    expect(found.assumptions.join('\n')).toContain('1 stop has lasted longer.');
  });

  it('to the next stop by schedule, where schedules are known', () => {
    const found = savings([stop(ranker, FRIDAY)], { scheduledStop: (_, at) => after(1.25, at) });
    expect(ends(found)).toEqual(['1.25 schedule']);
    expect(found.assumptions.join('\n')).toContain('a stop by hours counts to their opening.');
    expect(savings([]).assumptions.join()).toContain(
      'Schedules by which it would have been stopped anyway are not known',
    );
  });

  it('less the discount of the project', () => {
    const found = savings([stop(ranker, FRIDAY), restore(ranker, after(10))], { discountOf: () => 27.5 });
    expect(usdToDecimal(found.total)).toBe('273.238');
    expect(found.stops[0]?.hourly).toBe(usd('37.688'));
    expect(found.assumptions.join()).toContain('recsys 27.5%');
  });

  it('within the period alone', () => {
    const found = savings([
      stop(ranker, new Date('2026-10-31T12:00:00.000Z')),
      restore(ranker, new Date('2026-11-01T02:00:00.000Z')),
    ]);
    expect(found.total).toBe(costOver(usd('37.688'), 2 * HOUR));
    expect(found.assumptions.join()).toContain(
      '1 stop is from before the period and counts for the time within it, $75.38.',
    );
    const over = [
      stop(ranker, new Date('2026-10-30T12:00:00.000Z')),
      restore(ranker, new Date('2026-10-30T14:00:00.000Z')),
    ];
    expect(savings(over).stops).toEqual([]);
    expect(savings([stop(ranker, END)]).stops).toEqual([]);
  });

  it('of one project, where one is asked for', () => {
    const trail = [stop(ranker, FRIDAY), stop(resource('i-1'), FRIDAY, { project: undefined })];
    expect(savings(trail, { project: 'recsys' }).stops.map(({ id }) => id)).toEqual(['ranker']);
    expect(savings(trail).byProject.map(({ project }) => project)).toEqual(['recsys', undefined]);
  });
});

describe('what saves nothing', () => {
  it('is what was meant, skipped or failed', () => {
    const trail = (['intended', 'skipped', 'failed'] as const).map((event) =>
      stop(resource('i-1'), FRIDAY, { event }),
    );
    expect(savings(trail)).toMatchObject({ total: 0n, stops: [], byProject: [] });
  });

  it('is what has no price, which is named', () => {
    const found = savings([stop(resource('i-1', { hourly: undefined, size: 'x9.large' }), FRIDAY)]);
    expect(found).toMatchObject({ total: 0n, stops: [{ hourly: undefined }] });
    expect(found.assumptions).toContain('Without a known price, and counted as nothing: i-1 (x9.large).');
  });

  it('is a job, which would have ended by itself; to its latest end where that is known', () => {
    const job = resource('train', { kind: 'sagemaker-training-job', consent: 'stop-jobs' });
    const found = savings([stop(job, FRIDAY)]);
    expect(ends(found)).toEqual(['0 gone']);
    expect(found.assumptions.join()).toContain(
      'nobody knows when they would have: train (g5.xlarge) counts nothing.',
    );
    const known = savings([stop(job, FRIDAY)], { ownEnd: () => after(3) });
    expect(ends(known)).toEqual(['3 gone']);
    expect(known.assumptions).toContain(
      'Jobs count until the longest time that they may run: train (g5.xlarge).',
    );
  });

  it('says how much of it people asked for', () => {
    const found = savings([
      stop(resource('i-1'), FRIDAY, { trigger: 'person' }),
      restore(resource('i-1'), after(2)),
    ]);
    expect(found.assumptions).toContain('1 stop that people asked Bursar for is among it, for $2.00.');
  });
});

describe('a stop counts until it runs again', () => {
  const one = resource('i-1');

  it('though a restore that was asked for failed', () => {
    expect(
      ends(savings([stop(one, FRIDAY), restore(one, after(2), 'failed'), restore(one, after(4))])),
    ).toEqual(['4 restored']);
  });

  it('by somebody else, as the meter saw', () => {
    const records = [record(one, [on(after(-300)), off(FRIDAY), on(after(12)), off(after(20))])];
    expect(ends(savings([stop(one, FRIDAY)], { records }))).toEqual(['12 restored']);
  });

  it('not by what the meter had read as the stop was under way', () => {
    const records = [record(one, [on(after(-300)), on(after(0.01), 'seen'), off(after(0.02))])];
    expect(ends(savings([stop(one, FRIDAY)], { records }))).toEqual([expect.stringContaining('period')]);
  });

  it('at once, where the meter has it that it ran on', () => {
    const records = [record(one, [on(after(-300)), on(after(9), 'seen')])];
    expect(ends(savings([stop(one, FRIDAY)], { records }))).toEqual(['0 restored']);
  });

  it('as late as it can have been, where the meter has summed up the day', () => {
    const closed = [
      { day: '2026-11-13', project: 'recsys', hourly: usd('1'), milliseconds: 18.75 * HOUR },
      // From 14:00 on.
      { day: '2026-11-14', project: 'recsys', hourly: usd('1'), milliseconds: 10 * HOUR },
      { day: '2026-11-14', project: 'recsys', hourly: usd('0.000001'), milliseconds: 999 },
      { day: '2026-11-15', project: 'recsys', hourly: usd('1'), milliseconds: 24 * HOUR },
    ];
    const records = [record(one, [off(new Date('2026-11-20T00:00:00.000Z'), 'guess')], closed)];
    expect(savings([stop(one, FRIDAY)], { records }).stops[0]?.until).toEqual(
      new Date('2026-11-14T14:00:00.000Z'),
    );
    // On the day of the stop: 18:45 h before it, and two hours.
    const sameDay = [{ day: '2026-11-13', project: 'recsys', hourly: usd('1'), milliseconds: 20.75 * HOUR }];
    const again = [record(one, [off(new Date('2026-11-20T00:00:00.000Z'), 'guess')], sameDay)];
    expect(savings([stop(one, FRIDAY)], { records: again }).stops[0]?.until).toEqual(
      new Date('2026-11-13T22:00:00.000Z'),
    );
  });

  it('as a later decision found it', () => {
    const again = resource('i-1', { since: after(30) });
    expect(ends(savings([stop(one, FRIDAY), stop(again, after(31), { event: 'skipped' })]))).toEqual([
      '30 restored',
    ]);
  });

  it('at the latest when it is stopped once more', () => {
    const found = savings([stop(one, FRIDAY), stop(one, after(31)), restore(one, after(32))]);
    expect([...ends(found)].sort()).toEqual(['1 restored', '31 restored']);
  });

  it('as it is now', () => {
    const running = (since: Date) => savings([stop(one, FRIDAY)], { fleet: [resource('i-1', { since })] });
    expect(ends(running(after(40)))).toEqual(['40 restored']);
    // Its kind keeps the start over a stop: nobody knows since when.
    expect(ends(running(one.since))).toEqual(['0 restored']);
    // Started and stopped since: the start of its last run is what is known.
    const off = savings([stop(one, FRIDAY)], {
      fleet: [resource('i-1', { since: after(50), state: 'stopped' })],
    });
    expect(ends(off)).toEqual(['50 restored']);
  });
});

it('a notebook that is off tells of its stop, not of a start', () => {
  const notebook = resource('nb-1', { kind: 'sagemaker-notebook' });
  // Its time is that of its last change, which is the end of the stop itself.
  const off = resource('nb-1', { kind: 'sagemaker-notebook', state: 'stopped', since: after(0.05) });
  expect(ends(savings([stop(notebook, FRIDAY)], { fleet: [off] }))).toEqual([
    expect.stringContaining('period'),
  ]);
  const asked = savings([stop(notebook, FRIDAY), restore(off, after(30))], { fleet: [off] });
  expect(ends(asked)).toEqual(['30 restored']);
  const on = resource('nb-1', { kind: 'sagemaker-notebook', since: after(40) });
  expect(ends(savings([stop(notebook, FRIDAY)], { fleet: [on] }))).toEqual(['40 restored']);
});

describe('a stop counts until the resource is gone', () => {
  const one = resource('i-1');
  const points = [on(after(-300)), off(FRIDAY), off(after(20))];

  it('as the meter heard of it last, and nothing where it did not', () => {
    expect(ends(savings([stop(one, FRIDAY)], { fleet: [], records: [record(one, points)] }))).toEqual([
      '20 gone',
    ]);
    const found = savings([stop(one, FRIDAY)], { fleet: [] });
    expect(ends(found)).toEqual(['0 gone']);
    expect(found.assumptions).toContain(
      'Gone meanwhile, and counted until the meter last heard of it: i-1 (g5.xlarge).',
    );
  });

  it('not where its stop is what deletes it, nor where what exists is not known', () => {
    expect(ends(savings([stop(endpoint('ranker'), FRIDAY)], { fleet: [] }))).toEqual([
      expect.stringContaining('period'),
    ]);
    const unknown = savings([stop(one, FRIDAY)]);
    expect(ends(unknown)).toEqual([expect.stringContaining('period')]);
    expect(unknown.assumptions).toContain('What exists now is not known, so nothing counts as gone.');
  });
});

it('counts a decision once, however often its outcome was written', () => {
  const one = resource('i-1');
  const trail = [stop(one, after(1), { key: 'k' }), stop(one, FRIDAY, { key: 'k' }), restore(one, after(4))];
  expect(ends(savings(trail))).toEqual(['4 restored']);
});

/** Hours after the first of November at which resources are stopped, restored, and seen to run by the meter. */
const story = fc.record({
  events: fc.array(
    fc.record({
      id: fc.constantFrom('i-1', 'i-2', 'i-3'),
      what: fc.constantFrom('stop', 'restore'),
      minute: fc.integer({ min: -20_000, max: 50_000 }),
    }),
    { maxLength: 24 },
  ),
  runs: fc.array(
    fc.record({ id: fc.constantFrom('i-1', 'i-2'), minute: fc.integer({ min: -20_000, max: 50_000 }) }),
    { maxLength: 4 },
  ),
  prices: fc.tuple(...[1, 2, 3].map(() => fc.bigInt({ min: 1n, max: 40_000_000n }))),
  atMostHours: fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined }),
});

type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

const NOVEMBER = new Date('2026-11-01T00:00:00.000Z');
const minute = (minutes: number): Date => new Date(NOVEMBER.getTime() + minutes * 60_000);

function tell({ events, runs, prices, atMostHours }: Story): {
  readonly found: Savings;
  readonly trail: readonly AuditEntry[];
} {
  const of = (id: string) =>
    resource(id, {
      since: minute(-30_000),
      hourly: microUsd(prices[Number(id.slice(2)) - 1] ?? 1n),
      tags: { project: id },
    });
  const trail = events.map(({ id, what, minute: at }) =>
    what === 'stop'
      ? stop(of(id), minute(at), { project: id === 'i-3' ? undefined : id })
      : restore(of(id), minute(at)),
  );
  const records = ['i-1', 'i-2'].flatMap((id) => {
    const own = runs.filter((run) => run.id === id).sort((a, b) => a.minute - b.minute);
    return own.length === 0
      ? []
      : [
          record(of(id), [
            off(minute(-30_000)),
            ...own.flatMap(({ minute: at }) => [
              on(minute(at)),
              off(new Date(minute(at).getTime() + 30_000)),
            ]),
          ]),
        ];
  });
  const found = savings(trail, {
    records,
    ...(atMostHours === undefined ? {} : { atMostSeconds: atMostHours * 3_600 }),
  });
  return { found, trail };
}

describe('whatever happens', () => {
  it('the total is the sum of the stops and of the projects, and each stop is its price × its time', () => {
    fc.assert(
      fc.property(story, (given) => {
        const { found } = tell(given);
        expect(sumUsd(found.stops.map(({ saved }) => saved))).toBe(found.total);
        expect(sumUsd(found.byProject.map(({ saved }) => saved))).toBe(found.total);
        for (const { hourly, stoppedAt, until, saved } of found.stops) {
          const start = Math.max(stoppedAt.getTime(), found.from.getTime());
          expect(saved).toBe(costOver(hourly ?? usd('0'), until.getTime() - start));
          expect(until <= found.to && until >= stoppedAt).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('no instant of a resource counts twice, in whatever order the trail is told', () => {
    fc.assert(
      fc.property(story, (given) => {
        const { found } = tell(given);
        for (const own of Map.groupBy(found.stops, ({ arn }) => arn).values()) {
          const spans = own.toSorted((a, b) => a.stoppedAt.getTime() - b.stoppedAt.getTime());
          for (const [index, span] of spans.entries()) {
            const next = spans[index + 1];
            if (next !== undefined) expect(span.until <= next.stoppedAt).toBe(true);
          }
        }
        expect(tell({ ...given, events: given.events.toReversed() }).found).toEqual(found);
      }),
      { numRuns: 300 },
    );
  });

  it('to be restored earlier, or once more, never saves more', () => {
    fc.assert(
      fc.property(story, fc.nat(23), fc.integer({ min: 0, max: 10_000 }), (given, index, earlier) => {
        const { found } = tell(given);
        const events = given.events.map((event, n) =>
          n === index && event.what === 'restore' && isAfterItsStop(given, index, event.minute - earlier)
            ? { ...event, minute: event.minute - earlier }
            : event,
        );
        expect(tell({ ...given, events }).found.total <= found.total).toBe(true);
        const more = [...given.events, { id: 'i-1', what: 'restore', minute: earlier } as const];
        expect(tell({ ...given, events: more }).found.total <= found.total).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** A restore that is moved over the stop before it is another restore. */
function isAfterItsStop({ events }: Story, index: number, to: number): boolean {
  const event = events[index];
  const isBetween = (one: Story['events'][number]): boolean =>
    one.what === 'stop' && one.id === event?.id && one.minute >= to && one.minute <= (event?.minute ?? 0);
  return !events.some(isBetween);
}

describe('with hours in the policy', () => {
  /** From eight to seven in Berlin, which is an hour ahead of UTC in November. FRIDAY is a quarter to eight in the evening there. */
  const policy = (own: string, hours = '{ weekdays: "08:00-19:00", timezone: Europe/Berlin }') =>
    parsePolicy(
      `version: 1
projects: { recsys: { budget: 12000 USD } }
policies: [{ name: all, match: {}, hours: ${hours}${own} }]
`,
      'p.yaml',
    );
  const noon = new Date('2026-11-13T11:00:00.000Z');
  const instance = resource('i-0aaa');

  it('an idle stop counts to the closing, and one by hours to the opening', () => {
    const found = savings(
      [
        stop(instance, noon),
        stop(resource('i-0bbb'), new Date('2026-11-13T18:00:00.000Z'), { trigger: 'schedule' }),
      ],
      { scheduledStop: scheduledStop(policy('')) },
    );
    // Noon to seven in the evening; Friday seven in the evening to Monday eight.
    expect(found.stops.map(({ id, by, until }) => [id, by, until.toISOString()])).toEqual([
      ['i-0bbb', 'schedule', '2026-11-16T07:00:00.000Z'],
      ['i-0aaa', 'schedule', '2026-11-13T18:00:00.000Z'],
    ]);
    expect(usdToDecimal(found.total)).toBe('68');
  });

  it('a stop by hours counts no longer than it was stopped', () => {
    const closed = new Date('2026-11-13T18:00:00.000Z');
    const found = savings(
      [stop(instance, closed, { trigger: 'schedule' }), restore(instance, after(2, closed))],
      {
        scheduledStop: scheduledStop(policy('')),
      },
    );
    expect(ends(found)).toEqual(['2 restored']);
  });

  it('hours that stop nothing end nothing, and what started outside hours ends as the policy says', () => {
    const end = (own: string, hours?: string, started?: string): string | undefined => {
      const { decision } = stop(
        resource('i-0aaa', started === undefined ? {} : { since: new Date(started) }),
        new Date('2026-11-13T20:00:00.000Z'),
      );
      return decision.action === 'stop'
        ? scheduledStop(policy(own, hours))(decision, new Date('2026-11-13T20:00:00.000Z'))?.toISOString()
        : undefined;
    };
    expect(end('', '{ weekdays: "08:00-19:00", do: start }')).toBeUndefined();
    // Those that stop something end within others, each day.
    const within = '[{ daily: "09:00-17:00", do: stop }, { daily: "08:00-19:00", do: start }]';
    expect(end('', within)).toBeUndefined();
    // Stopped at nine on Friday evening: it would have run on to Monday evening, or for four hours.
    expect(end('', undefined, '2026-11-13T19:00:00.000Z')).toBe('2026-11-16T18:00:00.000Z');
    const manual = '{ weekdays: "08:00-19:00", timezone: Europe/Berlin, manualStart: 4h }';
    expect(end('', manual, '2026-11-13T19:00:00.000Z')).toBe('2026-11-13T23:00:00.000Z');
    expect(end(', maxRuntime: 2h', undefined, '2026-11-13T19:00:00.000Z')).toBe('2026-11-13T21:00:00.000Z');
    expect(end(', maxRuntime: { after: 2h, do: notify }', undefined, '2026-11-13T19:00:00.000Z')).toBe(
      '2026-11-16T18:00:00.000Z',
    );
  });

  it('an endpoint that was scaled down counts for what it cost less', () => {
    const closed = new Date('2026-11-13T18:00:00.000Z');
    const two = endpoint('ranker', { hourly: usd('3') });
    const trail = [
      stop(two, closed, { trigger: 'schedule', manner: 'scale-down' }),
      restore(two, after(10, closed)),
    ];
    const given = { scheduledStop: scheduledStop(policy('')), fleet: [two] };
    const point = { ...on(after(0.1, closed)), hourly: usd('1') };
    const known = savings(trail, {
      ...given,
      records: [record(two, [{ ...on(FRIDAY), at: noon, hourly: usd('3') }, point])],
    });
    // $2 an hour less, for ten hours.
    expect(known.stops.map(({ by, hourly, saved }) => [by, hourly, usdToDecimal(saved)])).toEqual([
      ['restored', usd('2'), '20'],
    ]);
    const unknown = savings(trail, given);
    expect(usdToDecimal(unknown.total)).toBe('0');
    expect(unknown.assumptions.join('\n')).toContain('they count as nothing: ranker');
  });
});
