import { Answered } from '../answered.tsx';
import type { AnalyticsPage } from '../api-types.ts';
import { ExportList } from '../export-list.tsx';
import { count } from '../format.ts';
import { addressWith, goTo } from '../use-address.ts';
import { FiguresTable } from './figures-table.tsx';
import { Freshness } from './freshness.tsx';
import type { FiguresList } from './list-declarations.tsx';
import { filterNames, ListFilters } from './list-filters.tsx';
import type { MetricName } from './metrics.ts';
import { Pager } from './pager.tsx';
import { usePages } from './use-pages.ts';
import { compareQuery, rangeQuery, type ViewProps } from './view-props.ts';

const size = 25;

/** A list of figures with its filters, pages and files. */
export function FiguresView({ list, ...props }: ViewProps & { list: FiguresList }) {
  const { shop, range, comparison, query } = props;
  const sort = list.figures.find((name) => name === query.get('sort')) ?? 'gmv';
  const order = query.get('order') === 'asc' ? 'asc' : 'desc';
  const given = filterNames.filter((name) => list.filters.includes(name) && query.has(name));
  const asked = new URLSearchParams({
    ...rangeQuery(range),
    ...Object.fromEntries(given.map((name) => [name, query.get(name) ?? ''])),
    ...{ sort, order },
    ...(list.comparable ? compareQuery(comparison) : {}),
  });
  const path = `api/v1/shops/${shop.id}/analytics/${list.stream}`;
  const pages = usePages<AnalyticsPage>(`${path}?${asked}&limit=${size}&with_total=true`);

  const sortBy = (name: MetricName) =>
    goTo(addressWith({ sort: name, order: name === sort && order === 'desc' ? 'asc' : 'desc' }));

  return (
    <section className="card" aria-labelledby="list">
      <h2 id="list">{list.title}</h2>
      <p className="quiet">{list.note}</p>
      <ListFilters list={list} query={query} />
      <Answered read={pages.read}>
        {({ data, total, currency = null, coverage, previous_coverage: previous }) => (
          <Freshness
            coverage={coverage}
            previous={previous}
            range={range}
            of={list.of}
            permission={list.permission}
          >
            {data.length === 0 ? (
              <p className="blank">
                {given.length > 0
                  ? 'Nothing fits these filters.'
                  : `No ${list.of} had figures in these days.`}
              </p>
            ) : (
              <>
                <FiguresTable
                  list={list}
                  rows={data}
                  currency={currency ?? shop.currency}
                  caption={`${list.title}: ${count(total ?? data.length)}`}
                  sorting={{ by: sort, order, onSort: sortBy }}
                  comparison={list.comparable ? comparison : 'none'}
                />
                <Pager pages={pages} total={total} size={size} />
                <ExportList name={list.title} path={`/${path}`} query={`${asked}`} unit="rows" />
              </>
            )}
          </Freshness>
        )}
      </Answered>
    </section>
  );
}
