import type { AnalyticsPage } from '../api-types.ts';
import { useRead } from '../use-read.ts';
import { KeyFigures } from './key-figures.tsx';
import type { MetricName } from './metrics.ts';
import { placesIn, Trend } from './trend.tsx';
import { compareQuery, rangeQuery, type ViewProps } from './view-props.ts';

const charted = [
  ...['gmv', 'orders_count', 'items_sold', 'average_order_value', 'customers', 'visitors', 'page_views'],
  ...['conversion_rate', 'live_gmv', 'video_gmv', 'product_card_gmv', 'refunds'],
] as MetricName[];

/** The shop as a whole: what the days come to, and how they went. */
export function Overview(props: ViewProps) {
  const { shop, range, comparison, granularity } = props;
  const asked = new URLSearchParams({ ...rangeQuery(range), granularity, ...compareQuery(comparison) });
  const path = `api/v1/shops/${shop.id}/analytics/shop`;
  const series = useRead<AnalyticsPage>(`${path}?${asked}&limit=500`);
  return (
    <>
      <KeyFigures {...props} />
      <Trend
        {...props}
        title="Trend, by TikTok’s figures"
        note="Figures of the whole shop. TikTok’s days are those of the shop; people are counted once a day, so that their number is known for days only."
        read={series}
        places={placesIn(props)}
        step={granularity}
        metrics={charted}
        parameter="metric"
        of="the shop"
        file={{ name: 'these figures', path, query: `${asked}` }}
        nothing="TikTok told nothing of these days."
      />
    </>
  );
}
