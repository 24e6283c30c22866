import type { Slice } from '../../db/queries/slices.ts';
import { writePage } from '../../db/queries/write-page.ts';
import type { ActivityControl, OrderDependencies } from './dependencies.ts';
import type { ReadPage, WalkedPage } from './read-page.ts';

/** What one pass over a range brought. */
export interface WalkResult {
  /** Distinct record ids. Empty where the caller counts them in the database. */
  ids: ReadonlySet<string>;
  pages: number;
  /** Upstream's total on the last page. */
  lastTotal: number;
  /** Whether every page named the same total: rows did not come or go meanwhile. */
  steady: boolean;
  /** Whether upstream ended the list itself; false when it sent pages without end. */
  ended: boolean;
}

export interface WalkOptions {
  slice: Slice;
  shopId: string;
  read: ReadPage;
  /** Page to begin with, when it has been read already. */
  first?: WalkedPage;
}

/** A page that is fetched ahead: its failure waits until the page is taken. */
type Fetched = [PromiseSettledResult<WalkedPage>];

function fetched(page: WalkedPage): Promise<Fetched> {
  return Promise.resolve([{ status: 'fulfilled', value: page }]);
}

function taken([result]: Fetched): WalkedPage {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/**
 * Upstream may send tokens for ever. Its total is no bound, for it may be missing or too low: a list is over when it
 * has brought nothing new for this long, or when it leads to the same page again and again.
 */
const mostPagesWithoutNews = 20;
const mostRepeatsOfAToken = 3;
/** Two million orders in one range: more than any shop sells in the shortest slice. */
const mostPages = 20_000;

/** Says when a list goes round in circles. */
function circleDetector(): (page: WalkedPage, news: number) => boolean {
  const seen = new Map<string, number>();
  let barren = 0;
  let pages = 0;
  return ({ nextPageToken: token }, news) => {
    if (token === null) return false;
    const repeats = seen.get(token) ?? 0;
    seen.set(token, repeats + 1);
    barren = news > 0 ? 0 : barren + 1;
    pages += 1;
    return repeats >= mostRepeatsOfAToken || barren >= mostPagesWithoutNews || pages >= mostPages;
  };
}

/**
 * Walks a range page by page from the slice's cursor: the next page is fetched while the last one is written, and
 * each page is committed together with its cursor. Throws `SliceLost` when another attempt took the slice.
 */
export async function walkPages(
  dependencies: OrderDependencies,
  control: ActivityControl,
  options: WalkOptions,
): Promise<WalkResult> {
  const { sql, personal, drift } = dependencies;
  const { slice, shopId } = options;
  const { runId } = slice;
  const range = { axis: slice.axis, from: slice.rangeFrom, to: slice.rangeTo };
  // Aborts the page that is being fetched ahead when writing the one before it fails.
  const ahead = new AbortController();
  const signal = AbortSignal.any([control.signal, ahead.signal]);
  const read = (pageToken: string | null): Promise<Fetched> =>
    Promise.allSettled([options.read(dependencies, { shopId, runId, range, pageToken, signal })]);

  const ids = new Set<string>();
  const goesInCircles = circleDetector();
  let pages = slice.pages;
  let steady = true;
  let total: number | null = null;
  let next: Promise<Fetched> | null = options.first ? fetched(options.first) : read(slice.pageToken);
  let ended = true;
  try {
    while (next !== null) {
      const page = taken(await next);
      control.signal.throwIfAborted();
      steady &&= total === null || total === page.totalCount;
      total = page.totalCount;
      pages += 1;
      const token = page.nextPageToken;
      ended = token === null;
      const known = ids.size;
      for (const id of page.recordIds) ids.add(id);
      next = token === null || goesInCircles(page, ids.size - known) ? null : read(token);
      const rows = await page.keep();
      await writePage(sql, personal, { slice, shopId, page, fetchedIds: page.recordIds, rows });
      drift.note(shopId, 'orders', page.drift);
      control.heartbeat({ slice: slice.sliceId, pages });
    }
  } catch (error) {
    ahead.abort();
    throw error;
  }
  return { ids, pages, lastTotal: total ?? 0, steady, ended };
}
