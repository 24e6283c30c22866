import { Answered } from '../answered.tsx';
import type { AnalyticsPage } from '../api-types.ts';
import { Choice } from '../choice.tsx';
import { dayName } from '../format.ts';
import { addressWith, goTo } from '../use-address.ts';
import { useRead } from '../use-read.ts';
import { Freshness } from './freshness.tsx';
import { figureOf, type MetricName } from './metrics.ts';
import { type Period, periodsOf } from './periods.ts';
import { type Place, Trend } from './trend.tsx';
import { compareQuery, rangeQuery, type ViewProps } from './view-props.ts';

const charted: readonly MetricName[] = [
  ...(['gmv', 'orders_count', 'items_sold', 'customers', 'visitors', 'product_impressions'] as const),
];

const steps = { day: 'Day', week: 'Week', month: 'Month' } as const;

const hours: Place[] = Array.from({ length: 24 }, (_, hour) => ({
  label: `${twoDigits(hour)}:00–${twoDigits((hour + 1) % 24)}:00`,
  short: twoDigits(hour),
  fits: (row) => figureOf(row, 'hour') === hour,
}));

function twoDigits(hour: number): string {
  return String(hour).padStart(2, '0');
}

/** At which hours of a day, or of all days of a week or month, the shop sells. */
export function HoursView(props: ViewProps) {
  const { shop, range, granularity, query } = props;
  const path = `api/v1/shops/${shop.id}/analytics/hourly`;
  const asked = new URLSearchParams({ ...rangeQuery(range), granularity });
  const newest = useRead<AnalyticsPage>(`${path}?${asked}&sort=date&order=desc&limit=1`);
  const periods = periodsOf(range, granularity);
  return (
    <Answered read={newest}>
      {({ data, coverage }) => {
        const chosen =
          periods.find(({ name }) => name === query.get('period')) ??
          periods.find(({ name }) => name === data[0]?.date);
        if (chosen !== undefined) {
          return (
            <HoursOfPeriod {...props} path={path} whole={`${asked}`} periods={periods} chosen={chosen} />
          );
        }
        return (
          <section className="card" aria-label="Hours">
            <Freshness coverage={coverage} range={range} of="the shop by hour">
              <p className="blank">TikTok told no hours of these days. It keeps them for thirty days.</p>
            </Freshness>
          </section>
        );
      }}
    </Answered>
  );
}

interface HoursOfPeriodProps extends ViewProps {
  path: string;
  /** The query of all periods. */
  whole: string;
  periods: readonly Period[];
  chosen: Period;
}

function HoursOfPeriod({ path, whole, periods, chosen, ...props }: HoursOfPeriodProps) {
  const { granularity, comparison } = props;
  const asked = new URLSearchParams({ ...rangeQuery(chosen), granularity, ...compareQuery(comparison) });
  const read = useRead<AnalyticsPage>(`${path}?${asked}&limit=500`);
  return (
    <>
      <div className="controls">
        <Choice
          label={steps[granularity]}
          value={chosen.name}
          options={Object.fromEntries(periods.map(({ name, from }) => [name, dayName(from)]).reverse())}
          onChoose={(name) => goTo(addressWith({ period: name }))}
        />
      </div>
      <Trend
        {...props}
        range={chosen}
        title="Hours"
        note="Hours of the shop’s clock; of a week or a month, each hour is that of all its days together. TikTok keeps hours for thirty days."
        read={read}
        places={hours}
        step="hour"
        metrics={charted}
        parameter="metric"
        of="the shop by hour"
        file={{ name: 'all hours', path, query: whole }}
        nothing="TikTok told no hours of these days."
      />
    </>
  );
}
