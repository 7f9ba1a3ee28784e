import { FailedError } from '../errors.ts';

/** One page of a listing. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string | undefined;
}

/** Which page of a listing is asked for. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The API gives at most so many of a listing at once. */
export const PAGE = 100;
/** A listing that never ends, page after empty page, is a fault of the server. */
const MOST_PAGES = 10_000;

/** Reads pages until there are `limit` items or no more pages. Throws `FailedError` where there is no end: part of a list is not the list. */
export async function allPages<T>(limit: number, read: (page: PageQuery) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const left = Math.min(PAGE, limit - all.length);
    const page = await read({ limit: left, ...(cursor !== undefined && { cursor }) });
    all.push(...page.items);
    cursor = page.cursor;
    if (cursor === undefined || all.length >= limit) return all.slice(0, limit);
  }
  throw new FailedError(
    `the backend gave ${MOST_PAGES} pages and no end of the list`,
    'Ask for fewer with --limit, or page through the API yourself (docs/openapi.yaml).',
  );
}
