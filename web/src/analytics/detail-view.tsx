import type { ReactNode } from 'react';
import type { AnalyticsPage, DetailPage } from '../api-types.ts';
import { addressWith } from '../use-address.ts';
import { useRead } from '../use-read.ts';
import type { Detail } from './detail-declarations.ts';
import { InPageLink } from './in-page-link.tsx';
import { textOf } from './metrics.ts';
import { NewestDetails } from './newest-details.tsx';
import { placesIn, Trend } from './trend.tsx';
import { compareQuery, rangeQuery, type ViewProps } from './view-props.ts';

interface DetailViewProps extends ViewProps {
  detail: Detail;
  id: string;
  /** Stands under the name. */
  children?: ReactNode;
}

/** One product, variant or video over time. */
export function DetailView({ detail, id, children, ...props }: DetailViewProps) {
  const { shop, range, comparison, granularity } = props;
  const lists = `api/v1/shops/${shop.id}/analytics/${detail.list}`;
  const days = { ...rangeQuery(range), granularity, ...compareQuery(comparison) };

  const found = new URLSearchParams({ ...days, search: id, sort: 'date' });
  const listed = useRead<AnalyticsPage>(`${lists}?${found}&limit=500`);
  // A search also finds the id in titles.
  const rows = listed.data?.data.filter((row) => row[detail.key] === id) ?? [];
  const known = rows[0] === undefined ? '' : detail.nameOf(rows[0]);

  const path = `${lists}/${encodeURIComponent(id)}`;
  const asked = new URLSearchParams(days);
  const details = useRead<DetailPage>(`${path}?${asked}&limit=500`);
  const newest = details.data?.newest ?? null;

  return (
    <>
      <div className="card">
        <p>
          <InPageLink to={addressWith({ [detail.parameter]: null, metric: null, channel: null })}>
            {detail.all}
          </InPageLink>
        </p>
        <h2>{known || id}</h2>
        <p className="quiet">
          {[known && id, textOf(rows[0] ?? {}, 'seller_sku')].filter((text) => text !== '').join(' · ')}
        </p>
        {children}
      </div>
      <Trend
        {...props}
        title="Trend"
        note="Days without a figure are those of which TikTok told none."
        read={{ ...listed, data: listed.data === null ? null : { ...listed.data, data: rows } }}
        places={placesIn(props)}
        step={granularity}
        metrics={detail.figures}
        parameter="metric"
        of={detail.of}
        file={{ name: 'these figures', path: lists, query: `${found}` }}
        nothing={`TikTok told no figures of ${detail.of} in these days.`}
      />
      <Trend
        {...props}
        title={detail.detailTitle}
        note={detail.detailNote}
        read={details}
        places={placesIn(props)}
        step={granularity}
        metrics={detail.detailFigures}
        parameter="channel"
        of={`${detail.of} in detail`}
        onRequest={detail.stream}
        file={{ name: 'the details', path, query: `${asked}` }}
        nothing={`TikTok told no details of ${detail.of} in these days.`}
      >
        {newest !== null && (
          <NewestDetails newest={newest} currency={details.data?.currency ?? shop.currency} />
        )}
      </Trend>
    </>
  );
}
