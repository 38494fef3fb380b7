/**
 * All pages of a listing call. `read` asks for the page of a token (`undefined` = the first) and gives its
 * items and the next token; an empty token ends it as well as none does.
 */
export async function allPages<T>(
  read: (
    token: string | undefined,
  ) => Promise<{ readonly items: readonly T[] | undefined; readonly next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await read(token);
    all.push(...(items ?? []));
    token = next === '' ? undefined : next;
  } while (token !== undefined);
  return all;
}
