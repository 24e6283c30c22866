import { Answered } from '../answered.tsx';
import type { AnalyticsRow, Page } from '../api-types.ts';
import { Choice } from '../choice.tsx';
import { ExportList } from '../export-list.tsx';
import { dayName } from '../format.ts';
import { addressWith, goTo } from '../use-address.ts';
import { useRead } from '../use-read.ts';
import { FiguresTable } from './figures-table.tsx';
import { HistoryNotice } from './history-notice.tsx';
import { figureOf, labelOf, type MetricName, textOf } from './metrics.ts';
import { placesIn, TrendChart } from './trend.tsx';
import { rangeQuery, type ViewProps } from './view-props.ts';

const figures = [
  ...(['new_customers', 'returning_customers', 'customers', 'orders_count'] as const),
  ...(['gmv', 'new_gmv', 'returning_gmv'] as const),
] satisfies MetricName[];
const names = Object.fromEntries(figures.map((name) => [name, labelOf(name)])) as Record<
  (typeof figures)[number],
  string
>;

const table = {
  subject: 'From',
  show: (row: AnalyticsRow) => dayName(textOf(row, 'date')),
  figures,
};

/** Who bought for the first time, and who came back, counted from the shop's own orders. */
export function CustomersView(props: ViewProps) {
  const { shop, range, granularity, query } = props;
  const metric = figures.find((name) => name === query.get('metric')) ?? 'new_customers';
  const asked = new URLSearchParams({ ...rangeQuery(range), granularity });
  const path = `api/v1/shops/${shop.id}/analytics/customers`;
  const read = useRead<Page<AnalyticsRow>>(`${path}?${asked}&limit=500`);
  return (
    <section className="card" aria-labelledby="customers">
      <div className="heading">
        <div>
          <h2 id="customers">Customers</h2>
          <p className="quiet">
            New are buyers whose first paid order ever is of the {granularity}; returning are those who had
            paid for one before. Counted from your own orders, by the day of payment.
          </p>
        </div>
        <Choice
          label="Figure"
          value={metric}
          options={names}
          onChoose={(name) => goTo(addressWith({ metric: name }))}
        />
      </div>
      <HistoryNotice shop={shop} />
      <Answered read={read}>
        {({ data }) => {
          const currency = textOf(data[0] ?? {}, 'currency') || shop.currency;
          if (data.every((row) => figureOf(row, 'orders_count') === 0)) {
            return <p className="blank">No order was paid in these days.</p>;
          }
          return (
            <>
              <TrendChart
                shop={shop}
                places={placesIn(props)}
                step={granularity}
                comparison="none"
                metric={metric}
                rows={data}
                currency={currency}
              />
              <FiguresTable
                list={table}
                rows={data}
                currency={currency}
                caption={`Customers by ${granularity}`}
                comparison="none"
              />
              <ExportList name="customers" path={`/${path}`} query={`${asked}`} unit="rows" />
            </>
          );
        }}
      </Answered>
    </section>
  );
}
