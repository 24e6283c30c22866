import type { ReactNode } from 'react';
import { Answered } from '../answered.tsx';
import type { AnalyticsPage, AnalyticsRow } from '../api-types.ts';
import { Choice } from '../choice.tsx';
import { ExportList } from '../export-list.tsx';
import { count, dayName, percent, shortDay, shortMoney } from '../format.ts';
import { addressWith, goTo } from '../use-address.ts';
import type { Read } from '../use-read.ts';
import { Chart, type Point } from './chart.tsx';
import { comparisons } from './comparison.ts';
import { Freshness } from './freshness.tsx';
import {
  figureOf,
  isCount,
  isMoney,
  isPercentage,
  labelOf,
  type MetricName,
  shown,
  textOf,
} from './metrics.ts';
import { type Period, periodsOf } from './periods.ts';
import type { ViewProps } from './view-props.ts';

/** A place on the time axis, whether or not anything is known there. */
export interface Place {
  label: string;
  short: string;
  /** Finds the row that stands there. */
  fits(row: AnalyticsRow): boolean;
}

interface TrendProps extends Pick<ViewProps, 'shop' | 'range' | 'comparison' | 'query'> {
  title: string;
  note: string;
  read: Read<AnalyticsPage>;
  places: readonly Place[];
  /** As in "by day". */
  step: string;
  /** What can be charted; the first one is, unless the address says otherwise. */
  metrics: readonly MetricName[];
  /** Of the address: which one is charted. */
  parameter: string;
  /** As in "figures of videos". */
  of: string;
  /** Of the streams that are read only where somebody names them: this one. */
  onRequest?: string;
  /** The file of the list. */
  file: { name: string; path: string; query: string };
  /** Stands in the place of a chart that would be empty. */
  nothing: string;
  children?: ReactNode;
}

/** A figure over time, with others to choose from. */
export function Trend(props: TrendProps) {
  const { title, note, read, metrics, parameter, query, range, of, onRequest, file, nothing, children } =
    props;
  const metric = metrics.find((name) => name === query.get(parameter)) ?? metrics[0] ?? 'gmv';
  const names = Object.fromEntries(metrics.map((name) => [name, labelOf(name)])) as Record<
    MetricName,
    string
  >;
  const id = `trend-${parameter}`;
  return (
    <section className="card" aria-labelledby={id}>
      <div className="heading">
        <div>
          <h2 id={id}>{title}</h2>
          <p className="quiet">{note}</p>
        </div>
        <Choice
          label="Figure"
          value={metric}
          options={names}
          onChoose={(name) => goTo(addressWith({ [parameter]: name }))}
        />
      </div>
      <Answered read={read}>
        {({ data, currency = null, coverage }) => (
          <Freshness
            coverage={coverage}
            range={range}
            of={of}
            {...(onRequest === undefined ? {} : { onRequest })}
          >
            {data.length === 0 ? (
              <p className="blank">{nothing}</p>
            ) : (
              <>
                <TrendChart {...props} metric={metric} rows={data} currency={currency} />
                <ExportList name={file.name} path={`/${file.path}`} query={file.query} unit="rows" />
              </>
            )}
            {children}
          </Freshness>
        )}
      </Answered>
    </section>
  );
}

interface TrendChartProps extends Pick<TrendProps, 'shop' | 'places' | 'step' | 'comparison'> {
  metric: MetricName;
  rows: readonly AnalyticsRow[];
  currency: string | null;
}

/** The chart alone: one figure of the rows, at their places. */
export function TrendChart({
  shop,
  places,
  step,
  comparison,
  metric,
  rows,
  currency: known,
}: TrendChartProps) {
  const currency = known ?? shop.currency;
  return (
    <Chart
      title={`${labelOf(metric)} by ${step}`}
      points={places.map((place) => pointOf(place, rows.find(place.fits), metric, currency))}
      against={comparison === 'none' ? null : comparisons[comparison]}
      axis={axisOf(metric, currency)}
      isCounted={isCount(metric)}
    />
  );
}

function pointOf(
  { label, short }: Place,
  row: AnalyticsRow | undefined,
  metric: MetricName,
  currency: string | null,
): Point {
  const [value, previous] = [figureOf(row, metric), figureOf(row?.previous, metric)];
  return {
    label,
    short,
    value: value === null ? null : Number(value),
    text: shown(metric, value, currency),
    previous: previous === null ? null : Number(previous),
    previousText: shown(metric, previous, currency),
  };
}

/** Marks of an axis may be rounded: they are no figures. */
function axisOf(metric: MetricName, currency: string | null): (value: number) => string {
  if (isMoney(metric)) return (value) => shortMoney(value, currency);
  return isPercentage(metric) ? percent : count;
}

/** A place for every period of the range. */
export function placesIn({ range, granularity }: Pick<ViewProps, 'range' | 'granularity'>): Place[] {
  return periodsOf(range, granularity).map(({ name }: Period) => ({
    label: dayName(name),
    short: shortDay(name),
    fits: (row) => textOf(row, 'date') === name,
  }));
}
