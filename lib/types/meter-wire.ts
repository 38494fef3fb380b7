import * as z from 'zod';
import type { ByProject, MeterPoint, MeterRecord, MeterStretch } from './meter.ts';
import type { Usd } from './money.ts';
import { UsdText, WireError } from './wire.ts';

/*
 * How the meter's records and a day's spend travel as JSON. Ten thousand records are read each sweep and a day may know
 * thousands of projects, so what repeats is written once and named by its place: pairs of project and price, services.
 * Lists instead of objects by name, since a tag may have any value, `__proto__` too.
 */

const BY = ['event', 'seen', 'guess'] as const satisfies readonly MeterPoint['by'][];

const Place = z.int().nonnegative();
/** Project and hourly price; `null` = none. */
const RateWire = z.tuple([z.string().nullable(), UsdText.nullable()]);
/** Epoch milliseconds; 1 = on; the place of its rate; the place of `by` in `BY`. */
const PointWire = z.tuple([z.int(), z.union([z.literal(0), z.literal(1)]), Place, Place]);
/** Day, the place of its rate, milliseconds. */
const StretchWire = z.tuple([z.iso.date(), Place, z.number()]);

const RecordWire = z.object({
  v: z.literal(1),
  id: z.string(),
  kind: z.string(),
  size: z.string(),
  rates: z.array(RateWire),
  points: z.array(PointWire),
  closed: z.array(StretchWire),
});

export type MeterRecordJson = z.input<typeof RecordWire>;

/** Gives each different thing its place, in the order in which they come. */
function places<T>(keyOf: (thing: T) => string) {
  const found = new Map<string, { readonly thing: T; readonly place: number }>();
  return {
    placeOf: (thing: T): number => {
      const key = keyOf(thing);
      const known = found.get(key) ?? { thing, place: found.size };
      found.set(key, known);
      return known.place;
    },
    all: (): T[] => [...found.values()].map(({ thing }) => thing),
  };
}

function at<T>(list: readonly T[], place: number): T {
  const thing = list[place];
  if (thing === undefined) throw new WireError(`there is no place ${place} in a list of ${list.length}`);
  return thing;
}

function read<T>(what: string, schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new WireError(`this is no ${what}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}

type Rate = z.output<typeof RateWire>;

const rateOf = ({ project, hourly }: Pick<MeterPoint, 'project' | 'hourly'>): Rate => [
  project ?? null,
  hourly ?? null,
];
const ofRate = ([project, hourly]: Rate): Pick<MeterPoint, 'project' | 'hourly'> => ({
  project: project ?? undefined,
  hourly: hourly ?? undefined,
});

/** The JSON form, without the ARN, account and region, by which it is kept. */
export function encodeMeterRecord(record: MeterRecord): MeterRecordJson {
  const { id, kind, size, points, closed } = record;
  const rates = places<Rate>(([project, hourly]) => JSON.stringify([project, hourly?.toString()]));
  return z.encode(RecordWire, {
    v: 1,
    id,
    kind,
    size,
    points: points.map(
      (point): z.output<typeof PointWire> => [
        point.at.getTime(),
        point.on ? 1 : 0,
        rates.placeOf(rateOf(point)),
        BY.indexOf(point.by),
      ],
    ),
    closed: closed.map(
      (stretch): z.output<typeof StretchWire> => [
        stretch.day,
        rates.placeOf(rateOf(stretch)),
        stretch.milliseconds,
      ],
    ),
    rates: rates.all(),
  });
}

/** Reads parsed JSON back. @throws WireError where it is no `MeterRecord`. */
export function decodeMeterRecord(
  { arn, account, region }: Pick<MeterRecord, 'arn' | 'account' | 'region'>,
  json: unknown,
): MeterRecord {
  const { id, kind, size, rates, points, closed } = read('record of the meter', RecordWire, json);
  return {
    arn,
    id,
    kind,
    account,
    region,
    size,
    points: points.map(
      ([time, on, rate, by]): MeterPoint => ({
        at: new Date(time),
        on: on === 1,
        ...ofRate(at(rates, rate)),
        by: at(BY, by),
      }),
    ),
    closed: closed.map(
      ([day, rate, milliseconds]): MeterStretch => ({ day, ...ofRate(at(rates, rate)), milliseconds }),
    ),
  };
}

const ProjectWire = z.tuple([z.string(), z.array(z.tuple([Place, UsdText]))]);

const ByProjectWire = z.object({
  v: z.literal(1),
  services: z.array(z.string()),
  /** Project, and by the place of the service what it cost. */
  projects: z.array(ProjectWire),
});

export type ByProjectJson = z.input<typeof ByProjectWire>;

/** The JSON form. */
export function encodeByProject(byProject: ByProject): ByProjectJson {
  const services = places<string>((name) => name);
  return z.encode(ByProjectWire, {
    v: 1,
    projects: [...byProject].map(
      ([project, byService]): z.output<typeof ProjectWire> => [
        project,
        [...byService].map(([service, amount]): [number, Usd] => [services.placeOf(service), amount]),
      ],
    ),
    services: services.all(),
  });
}

/** Reads parsed JSON back. @throws WireError where it is no spend by project. */
export function decodeByProject(json: unknown): ByProject {
  const { services, projects } = read('spend by project', ByProjectWire, json);
  return new Map(
    projects.map(([project, amounts]) => [
      project,
      new Map(amounts.map(([place, amount]) => [at(services, place), amount])),
    ]),
  );
}

const AmountsWire = z.object({ v: z.literal(1), projects: z.array(z.tuple([z.string(), UsdText])) });

export type AmountsJson = z.input<typeof AmountsWire>;

/** The JSON form of amounts by the value of the project tag. */
export const encodeAmounts = (amounts: ReadonlyMap<string, Usd>): AmountsJson =>
  z.encode(AmountsWire, { v: 1, projects: [...amounts] });

/** Reads parsed JSON back. @throws WireError where it is none. */
export const decodeAmounts = (json: unknown): ReadonlyMap<string, Usd> =>
  new Map(read('amounts by project', AmountsWire, json).projects);
