/** Decimal USD by day (`YYYY-MM-DD`), value of the project tag (`''` = none) and service, as Cost Explorer names it. */
export type BilledDays = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

const DAY_MS = 86_400_000;

/**
 * Queues an answer of moto's Cost Explorer: the next question that it has not been asked before is answered so. Asked
 * the same again it gives the same answer, whatever was queued meanwhile; what nothing was queued for cost nothing.
 */
export async function setBilled(
  moto: string,
  days: BilledDays,
  { account, tagKey = 'project' }: { readonly account: string; readonly tagKey?: string },
): Promise<void> {
  const result = {
    GroupDefinitions: [
      { Type: 'TAG', Key: tagKey },
      { Type: 'DIMENSION', Key: 'SERVICE' },
    ],
    ResultsByTime: Object.entries(days).map(([day, projects]) => ({
      TimePeriod: { Start: day, End: new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10) },
      Total: {},
      Groups: Object.entries(projects).flatMap(([project, services]) =>
        Object.entries(services).map(([service, Amount]) => ({
          Keys: [`${tagKey}$${project}`, service],
          Metrics: { AmortizedCost: { Amount, Unit: 'USD' } },
        })),
      ),
      Estimated: true,
    })),
    DimensionValueAttributes: [],
  };
  const { ok, status } = await fetch(`${moto}/moto-api/static/ce/cost-and-usage-results`, {
    method: 'POST',
    body: JSON.stringify({ results: [result], account_id: account }),
  });
  if (!ok) throw new Error(`moto answered ${status}.`);
}
