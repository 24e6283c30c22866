import type { ReactNode } from 'react';
import { Answered } from '../answered.tsx';
import type { AnalyticsPage, Coverage, Shop } from '../api-types.ts';
import { ExportList } from '../export-list.tsx';
import { count } from '../format.ts';
import { FiguresTable } from './figures-table.tsx';
import { productsSold } from './list-declarations.tsx';
import { Pager } from './pager.tsx';
import { usePages } from './use-pages.ts';

const size = 25;

interface ProductsSoldProps {
  shop: Shop;
  title: string;
  note: string;
  /** Of the list in the API. */
  path: string;
  query: string;
  /** As in "this video". */
  by: string;
  /** Stands around what was read, or in its place. */
  within(coverage: readonly Coverage[], content: ReactNode): ReactNode;
  nothing: string;
}

/** The products that a LIVE session or a video sold, the one that sold most first. */
export function ProductsSold({ shop, title, note, path, query, by, within, nothing }: ProductsSoldProps) {
  const pages = usePages<AnalyticsPage>(`${path}?${query}&limit=${size}&with_total=true`);
  return (
    <section className="card" aria-labelledby="sold">
      <h2 id="sold">{title}</h2>
      <p className="quiet">{note}</p>
      <Answered read={pages.read}>
        {({ data, total, currency = null, coverage }) =>
          within(
            coverage,
            data.length === 0 ? (
              <p className="blank">{nothing}</p>
            ) : (
              <>
                <FiguresTable
                  list={productsSold}
                  rows={data}
                  currency={currency ?? shop.currency}
                  caption={`Products of ${by}: ${count(total ?? data.length)}`}
                  comparison="none"
                />
                <Pager pages={pages} total={total} size={size} />
                <ExportList name={`products of ${by}`} path={`/${path}`} query={query} unit="products" />
              </>
            ),
          )
        }
      </Answered>
    </section>
  );
}
