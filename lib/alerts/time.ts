/** A time for people: `2026-01-28 10:30 UTC`. */
export const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
