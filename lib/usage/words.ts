/** `1 line`, `12,345 lines`. */
export const formatCount = (count: number, one: string): string =>
  `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;
