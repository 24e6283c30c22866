import { compareMagnitudes } from '../../../decimal.ts';
import type { AnalyticsRow, RecordMapping } from '../records/record.ts';
import { DriftNotes } from '../streams/drift.ts';
import {
  type AnalyticsRequest,
  type Chain,
  type DayOfShop,
  type DayRows,
  type FoundRecord,
  mapRecords,
  readRecords,
} from './chain.ts';

/** The rows that a list of the day comes to; TikTok's date of the list is its own. */
type OwnRows = Omit<DayRows, 'latestAvailableDate'>;

/** Reads what TikTok tells of one thing after the other. Each row gets the thing's id, in the column `key`. */
export function* readOfEach(
  key: string,
  ids: readonly string[],
  readOne: (id: string) => Chain<OwnRows>,
): Chain<OwnRows> {
  const read: OwnRows = { rows: [], aside: [], currency: null };
  for (const id of ids) {
    const { rows, aside, currency } = yield* readOne(id);
    for (const record of aside) read.aside.push({ ...record, recordId: `${id}/${record.recordId}` });
    read.currency ??= currency;
    if (currency !== null && currency !== read.currency) {
      const reason = 'in another currency than the rest of its day';
      read.aside.push({ recordId: id, path: key, reason });
      continue;
    }
    for (const row of rows) read.rows.push({ [key]: id, ...row });
  }
  return read;
}

/** What the things of a list came to; those that the list could not be read of were not asked for, and are set aside. */
export function withAsideOf(
  list: Pick<DayRows, 'aside' | 'latestAvailableDate'>,
  { aside, ...read }: OwnRows,
): DayRows {
  return { ...read, aside: [...list.aside, ...aside], latestAvailableDate: list.latestAvailableDate };
}

/** What of a list sold on its day. Calls are dear: the list comes with the most GMV first and is left at the first without. */
export function* readSold(day: DayOfShop, request: AnalyticsRequest, mapping: RecordMapping): Chain {
  const query = { ...request.query, sort_field: 'gmv', sort_order: 'DESC' };
  const isBehindSales = createEndOfSales(mapping);
  const { records, latestAvailableDate } = yield* readRecords(day, { ...request, query }, isBehindSales);
  const { rows, ...read } = mapRecords(day, records, mapping);
  return { ...read, rows: rows.filter(isSold), latestAvailableDate };
}

/** Whether anything was sold by what a row says. */
export function isSold({ gmv, items_sold: itemsSold }: AnalyticsRow): boolean {
  return [gmv, itemsSold].some((figure) => /[1-9]/.test(String(figure ?? '')));
}

/** An upstream that does not keep to the order that was asked for is read to its end. */
function createEndOfSales(mapping: RecordMapping): (page: readonly FoundRecord[]) => boolean {
  let least: string | null = null;
  let isOrdered = true;
  return (page) => {
    const { rows } = mapRecords({ notes: new DriftNotes() }, page, mapping);
    for (const { gmv } of rows) {
      if (typeof gmv !== 'string') continue;
      isOrdered &&= least === null || compareMagnitudes(gmv, least) <= 0;
      least = gmv;
    }
    const last = rows.at(-1);
    return isOrdered && last !== undefined && !isSold(last);
  };
}
