import * as z from 'zod';
import type { ByModel, ByProject, ByService, MeterPoint, MeterRecord, MeterStretch } from './meter.ts';
import type { Usd } from './money.ts';
import { UsdText, WireError } from './wire.ts';

/*
 * How the meter's records and a day's spend travel as JSON. Ten thousand records are read each sweep and a day may know
 * thousands of projects, so what repeats is written once and named by its place: pairs of project and price, services.
 * Lists instead of objects by name, since a tag may have any value, `__proto__` too.
 */

const BY = ['event', 'seen', 'guess'] as const satisfies readonly MeterPoint['by'][];

const Place = z.int().nonnegative();
/** Project, hourly price and model; `null` = none. Of what has no model the third is left out, as it was before models. */
const RateWire = z.union([
  z.tuple([z.string().nullable(), UsdText.nullable()]),
  z.tuple([z.string().nullable(), UsdText.nullable(), z.string()]),
]);
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

type Paid = Pick<MeterPoint, 'project' | 'model' | 'hourly'>;

const rateOf = ({ project, model, hourly }: Paid): Rate =>
  model === undefined ? [project ?? null, hourly ?? null] : [project ?? null, hourly ?? null, model];
const ofRate = ([project, hourly, model]: Rate): Paid => ({
  project: project ?? undefined,
  ...(model === undefined ? {} : { model }),
  hourly: hourly ?? undefined,
});

/** The JSON form, without the ARN, account and region, by which it is kept. */
export function encodeMeterRecord(record: MeterRecord): MeterRecordJson {
  const { id, kind, size, points, closed } = record;
  const rates = places<Rate>(([project, hourly, model]) =>
    JSON.stringify([project, hourly?.toString(), model]),
  );
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

const ModelWire = z.tuple([z.string(), z.string(), z.array(z.tuple([Place, UsdText]))]);

const ByProjectWire = z.object({
  v: z.literal(1),
  services: z.array(z.string()),
  /** Project, and by the place of the service what it cost. */
  projects: z.array(ProjectWire),
  /** Project, model, and the same of these: a part of the project's. Absent = nothing is of a model. */
  models: z.exactOptional(z.array(ModelWire)),
});

export type ByProjectJson = z.input<typeof ByProjectWire>;

/** The JSON form, with what of it is of models. */
export function encodeByProject(byProject: ByProject, models: ByModel = new Map()): ByProjectJson {
  const services = places<string>((name) => name);
  const amountsOf = (byService: ByService): [number, Usd][] =>
    [...byService].map(([service, amount]) => [services.placeOf(service), amount]);
  return z.encode(ByProjectWire, {
    v: 1,
    projects: [...byProject].map(
      ([project, byService]): z.output<typeof ProjectWire> => [project, amountsOf(byService)],
    ),
    ...(models.size === 0
      ? {}
      : {
          models: [...models].flatMap(([project, own]) =>
            [...own].map(
              ([model, byService]): z.output<typeof ModelWire> => [project, model, amountsOf(byService)],
            ),
          ),
        }),
    services: services.all(),
  });
}

/** Reads parsed JSON back. @throws WireError where it is no spend by project. */
export const decodeByProject = (json: unknown): ByProject => decodeSpend(json).byProject;

/** Reads parsed JSON back, with what of it is of models. @throws WireError where it is no spend by project. */
export function decodeSpend(json: unknown): { readonly byProject: ByProject; readonly models: ByModel } {
  const { services, projects, models = [] } = read('spend by project', ByProjectWire, json);
  const serviceOf = (amounts: readonly (readonly [number, Usd])[]): ByService =>
    new Map(amounts.map(([place, amount]) => [at(services, place), amount]));
  return {
    byProject: new Map(projects.map(([project, amounts]) => [project, serviceOf(amounts)])),
    models: new Map(
      [...Map.groupBy(models, ([project]) => project)].map(([project, own]) => [
        project,
        new Map(own.map(([, model, amounts]) => [model, serviceOf(amounts)])),
      ]),
    ),
  };
}

const AmountsWire = z.object({ v: z.literal(1), projects: z.array(z.tuple([z.string(), UsdText])) });

export type AmountsJson = z.input<typeof AmountsWire>;

/** The JSON form of amounts by the value of the project tag. */
export const encodeAmounts = (amounts: ReadonlyMap<string, Usd>): AmountsJson =>
  z.encode(AmountsWire, { v: 1, projects: [...amounts] });

/** Reads parsed JSON back. @throws WireError where it is none. */
export const decodeAmounts = (json: unknown): ReadonlyMap<string, Usd> =>
  new Map(read('amounts by project', AmountsWire, json).projects);
