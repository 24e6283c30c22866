import type { StreamName } from '../../analytics/streams.ts';
import { streamNames } from '../../analytics/streams.ts';
import { eachAnalyticsRows } from '../../db/reports/analytics-list.ts';
import type { AnalyticsList, AnalyticsRow } from '../../db/reports/analytics-rows.ts';
import { ExactNumber, exactNumber } from '../../exact-number.ts';
import type { Listing } from '../listing.ts';

const perBatch = 1000;

function listingOf(name: string, show: (row: AnalyticsRow) => object): Listing<AnalyticsList> {
  return {
    name,
    async *rows(scope, tx, list) {
      for await (const rows of eachAnalyticsRows(scope, tx, list, perBatch)) {
        yield rows.map((row) => withTexts(show(row)));
      }
    },
  };
}

/** Lists of figures as files, by stream. */
export const analyticsListings = Object.fromEntries(
  streamNames.map((stream) => [stream, listingOf(`analytics-${stream.replaceAll('_', '-')}`, (row) => row)]),
) as Record<StreamName, Listing<AnalyticsList>>;

export const productAnalyticsListing = listingOf('product-analytics', asProduct);

/** A product as `product_analytics` shows it: TikTok's id as `external_id`, money as a number. */
export function asProduct(row: AnalyticsRow): object {
  const { product_id: external_id, title, status, image_url, previous, change } = row;
  return {
    ...{ external_id, title, status, image_url, ...figuresOf(row) },
    ...(previous === undefined ? {} : { previous: figuresOf(previous) }),
    ...(change === undefined ? {} : { change: figuresOf(change) }),
  };
}

function figuresOf({ gmv, items_sold, orders_count }: AnalyticsRow): object {
  return { gmv: typeof gmv === 'string' ? exactNumber(gmv) : gmv, items_sold, orders_count };
}

/** Files take numbers that no double holds as texts. */
function withTexts(row: object): object {
  const cells = Object.entries(row).map(([name, value]: [string, unknown]) => {
    if (value instanceof ExactNumber) return [name, value.text];
    return [name, typeof value === 'object' && value !== null ? withTexts(value) : value];
  });
  return Object.fromEntries(cells);
}
