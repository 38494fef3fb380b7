/** A time for people: `2026-11-25 10:30 UTC`. */
export const atMinute = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** A length of time for people: `30 min`, `24 h`, `3 days`. */
export function duration(seconds: number): string {
  if (seconds >= 172_800 && seconds % 86_400 === 0) return `${seconds / 86_400} days`;
  if (seconds >= 7_200 && seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return `${Math.round(seconds / 60)} min`;
}

/** The day of a time in UTC, `YYYY-MM-DD`: what a daily reminder is keyed by. */
export const utcDay = (at: Date): string => at.toISOString().slice(0, 10);

/** The first instant of the day after, UTC. */
export const nextUtcDay = (at: Date): Date =>
  new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1));

/** `1 stop`, `2 stops`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
