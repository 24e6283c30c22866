import { isJsonObject } from '../../../json-object.ts';
import {
  type AnalyticsRow,
  type AsideRecord,
  isAside,
  type RecordMapping,
  valueAt,
} from '../records/record.ts';
import type { DriftNotes } from '../streams/drift.ts';
import type { AnalyticsEndpoint } from './endpoints.ts';

/** One call of a day's chain. */
export interface AnalyticsRequest {
  endpoint: AnalyticsEndpoint;
  /** For the placeholders of the endpoint's path. */
  parameters?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, string | number>>;
  /** Whether it is of one thing of the day's many: a refusal of it alone is as good as an empty answer. */
  mayBeRefused?: boolean;
}

/** One answer, and the page that keeps it. */
export interface AnalyticsAnswer {
  /** 64-bit integers are texts. */
  data: Record<string, unknown>;
  pageId: number;
}

/** What a day of a stream came to. */
export interface DayRows {
  rows: AnalyticsRow[];
  aside: AsideRecord[];
  /** Of all its money; null where no record names one. */
  currency: string | null;
  /** The last day that TikTok calls ready; null where the stream does not say. */
  latestAvailableDate: string | null;
}

/**
 * The calls of one day and stream, each made from the answers before it, and the rows that they come to. Fed with the
 * answers that were kept, it goes on where a crash cut it off: nothing but the answers decides what it asks next.
 */
export type Chain<Result = DayRows> = Generator<AnalyticsRequest, Result, AnalyticsAnswer>;

export interface DayOfShop {
  /** The shop's own calendar day, `YYYY-MM-DD`. */
  date: string;
  nextDate: string;
  /** Unix seconds, half-open. */
  from: number;
  to: number;
  /** Days since then, by upstream's clock and the shop's calendar. */
  age: number;
  notes: DriftNotes;
}

/** Upstream has no figures for the day: not yet, or no longer. The message says what there is instead. */
export class DayNotAvailable extends Error {}

/** An answer whose records are not where they should be. */
export class UnreadableAnswer extends Error {}

/** Records of a list as they came, each with its place. */
export interface FoundRecord {
  record: unknown;
  pageId: number;
  index: number;
}

/** A list that goes on beyond this is no list: two million rows of a day. */
const mostPages = 20_000;
const mostRecordsOfAPage = 10_000;
const calendarDay = /^\d{4}-\d{2}-\d{2}$/;

/** The common query of an endpoint with dates: one day, its end exclusive ("Analytics overview"). */
export function datesOf({ date, nextDate }: DayOfShop): Record<string, string> {
  return { start_date_ge: date, end_date_lt: nextDate };
}

/**
 * Reads a list to its end and makes rows of it. Of one key that comes twice, because the list moved between two
 * pages, the later row is the newer.
 */
export function* readRows(day: DayOfShop, request: AnalyticsRequest, mapping: RecordMapping): Chain<DayRows> {
  const { records, latestAvailableDate } = yield* readRecords(day, request);
  return { ...mapRecords(day, records, mapping), latestAvailableDate };
}

/**
 * @param isEnough whether the rest of the list is not wanted, by the records of the page that was read last
 * @throws DayNotAvailable where the answers say that the day is not ready.
 */
export function* readRecords(
  day: Pick<DayOfShop, 'date'>,
  request: AnalyticsRequest,
  isEnough: (page: readonly FoundRecord[]) => boolean = () => false,
): Chain<{ records: FoundRecord[]; latestAvailableDate: string | null }> {
  const { endpoint } = request;
  const records: FoundRecord[] = [];
  const tokens = new Set<string>();
  let latestAvailableDate: string | null = null;
  let query = { ...endpoint.query, ...request.query };
  for (let page = 0; page < mostPages; page += 1) {
    const { data, pageId } = yield { ...request, query };
    latestAvailableDate = readLatestDate(data) ?? latestAvailableDate;
    // Days after it come empty or in part ("Analytics overview").
    if (latestAvailableDate !== null && latestAvailableDate < day.date) {
      throw new DayNotAvailable(`TikTok has figures up to ${latestAvailableDate}.`);
    }
    const found = recordsAt(data, endpoint.records).map((record, index) => ({ record, pageId, index }));
    for (const record of found) records.push(record);
    if (isEnough(found)) break;
    const token = data.next_page_token;
    // A token that comes again leads to the same page again.
    if (typeof token !== 'string' || token === '' || tokens.has(token)) break;
    tokens.add(token);
    query = { ...query, page_token: token };
  }
  return { records, latestAvailableDate };
}

export function mapRecords(
  { notes }: Pick<DayOfShop, 'notes'>,
  records: readonly FoundRecord[],
  mapping: RecordMapping,
): Omit<DayRows, 'latestAvailableDate'> {
  const rows = new Map<string, AnalyticsRow>();
  const aside: AsideRecord[] = [];
  let currency: string | null = null;
  for (const { record, pageId, index } of records) {
    const mapped = mapping.map(record, index, notes);
    if (isAside(mapped)) {
      aside.push(mapped);
    } else if (currency !== null && mapped.currency !== null && mapped.currency !== currency) {
      const reason = 'in another currency than the rest of its day';
      aside.push({ recordId: mapped.key, path: mapping.path, reason });
    } else {
      currency ??= mapped.currency;
      rows.set(mapped.key, Object.assign(mapped.row, { page_id: pageId, page_index: index }));
    }
  }
  return { rows: [...rows.values()], aside, currency };
}

/** The last day that TikTok calls ready; null where the answer does not say. */
export function readLatestDate(data: AnalyticsAnswer['data']): string | null {
  const latest = data.latest_available_date;
  return typeof latest === 'string' && calendarDay.test(latest) ? latest : null;
}

/**
 * The records of an answer; none where the list is absent. What TikTok's documents show within `performance` in one
 * version stands without it in another.
 *
 * @throws UnreadableAnswer
 */
export function recordsAt(data: AnalyticsAnswer['data'], place: string): readonly unknown[] {
  const isBare = place.startsWith('performance') && Array.isArray(data.intervals);
  const found = valueAt(isBare ? { performance: data } : data, place);
  if (found === undefined || found === null) return [];
  if (Array.isArray(found) && found.length <= mostRecordsOfAPage) return found;
  if (isJsonObject(found)) return [found];
  throw new UnreadableAnswer(`${place} is not a list of at most ${mostRecordsOfAPage} records`);
}
