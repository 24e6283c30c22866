import { Answered } from '../answered.tsx';
import type { AnalyticsPage, AnalyticsRow } from '../api-types.ts';
import { Choice } from '../choice.tsx';
import { ExportList } from '../export-list.tsx';
import { count, dayName, percent, shortDay, shortMoney } from '../format.ts';
import { addressWith, goTo } from '../use-address.ts';
import { useRead } from '../use-read.ts';
import { Chart, type Point } from './chart.tsx';
import { comparisons } from './comparison.ts';
import { Freshness } from './freshness.tsx';
import { KeyFigures } from './key-figures.tsx';
import { figureOf, isCount, isMoney, labelOf, type MetricName, shown, textOf } from './metrics.ts';
import { compareQuery, rangeQuery, type ViewProps } from './view-props.ts';

const charted = [
  ...['gmv', 'orders_count', 'items_sold', 'average_order_value', 'customers', 'visitors', 'page_views'],
  ...['conversion_rate', 'live_gmv', 'video_gmv', 'product_card_gmv', 'refunds'],
] as MetricName[];

const figures = Object.fromEntries(charted.map((name) => [name, labelOf(name)])) as Record<
  MetricName,
  string
>;

const steps = { day: 'day', week: 'week', month: 'month' } as const;

/** The shop as a whole: what the days come to, and how they went. */
export function Overview(props: ViewProps) {
  const { shop, range, comparison, granularity, query } = props;
  const metric = charted.find((name) => name === query.get('metric')) ?? 'gmv';
  const asked = new URLSearchParams({ ...rangeQuery(range), granularity, ...compareQuery(comparison) });
  const path = `api/v1/shops/${shop.id}/analytics/shop`;
  const series = useRead<AnalyticsPage>(`${path}?${asked}&limit=500`);
  const against = comparison === 'none' ? null : comparisons[comparison];

  return (
    <>
      <KeyFigures {...props} />
      <section className="card" aria-labelledby="course">
        <div className="heading">
          <div>
            <h2 id="course">Trend, by TikTok’s figures</h2>
            <p className="quiet">
              Figures of the whole shop. TikTok’s days are those of the shop; people are counted once a day,
              so that their number is known for days only.
            </p>
          </div>
          <Choice
            label="Figure"
            value={metric}
            options={figures}
            onChoose={(name) => goTo(addressWith({ metric: name }))}
          />
        </div>
        <Answered read={series}>
          {({ data, currency = null, coverage }) => (
            <Freshness coverage={coverage} range={range} of="the shop">
              <Chart
                title={`${labelOf(metric)} by ${steps[granularity]}`}
                points={data.map((row) => pointOf(row, metric, currency))}
                against={against}
                axis={axisOf(metric, currency)}
                isCounted={isCount(metric)}
              />
              <ExportList name="these figures" path={`/${path}`} query={`${asked}`} unit="rows" />
            </Freshness>
          )}
        </Answered>
      </section>
    </>
  );
}

function pointOf(row: AnalyticsRow, metric: MetricName, currency: string | null): Point {
  const [value, previous] = [figureOf(row, metric), figureOf(row.previous, metric)];
  return {
    label: dayName(textOf(row, 'date')),
    short: shortDay(textOf(row, 'date')),
    value: value === null ? null : Number(value),
    text: shown(metric, value, currency),
    previous: previous === null ? null : Number(previous),
    previousText: shown(metric, previous, currency),
  };
}

/** Marks of an axis may be rounded: they are no figures. */
function axisOf(metric: MetricName, currency: string | null): (value: number) => string {
  if (isMoney(metric)) return (value) => shortMoney(value, currency);
  return metric === 'conversion_rate' ? percent : count;
}
