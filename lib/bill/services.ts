/** Names of one service. The console calls it by the newer one; should bills do so one day, it stays one service (unverified). */
const SAME_SERVICE: ReadonlyMap<string, string> = new Map([['Amazon SageMaker AI', 'Amazon SageMaker']]);

/** The one name that a service has here, however a bill calls it. */
export const serviceName = (called: string): string => SAME_SERVICE.get(called) ?? called;

/** Every name that the service may have in a bill, the one that it has here first. */
export function namesOfService(called: string): readonly string[] {
  const name = serviceName(called);
  return [name, ...[...SAME_SERVICE].filter(([, one]) => one === name).map(([other]) => other)];
}
