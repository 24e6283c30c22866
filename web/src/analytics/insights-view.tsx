import type { ReactNode } from 'react';
import { Answered } from '../answered.tsx';
import type { Explained, Insights, ProductInsight } from '../api-types.ts';
import { count, dayName, money, percent } from '../format.ts';
import { useRead } from '../use-read.ts';
import { Freshness } from './freshness.tsx';
import { InPageLink } from './in-page-link.tsx';
import { viewAddress } from './view-address.ts';
import { rangeQuery, type ViewProps } from './view-props.ts';

type Column = 'gmv' | 'items_sold' | 'share' | 'stock' | 'days_of_stock';

const labels: Record<Column, string> = {
  gmv: 'GMV',
  items_sold: 'Items sold',
  share: 'Of all GMV',
  stock: 'Stock',
  days_of_stock: 'Stock lasts (days)',
};

/** What stands out in the chosen days, each with how it is worked out. */
export function InsightsView({ shop, range }: ViewProps) {
  const query = new URLSearchParams({ ...rangeQuery(range), limit: '10' });
  const insights = useRead<Insights>(`api/v1/shops/${shop.id}/analytics/insights?${query}`);
  return (
    <Answered read={insights}>
      {({ best_sellers, slow_movers, running_out, unusual_days, coverage, currency }) => (
        <Freshness coverage={coverage} range={range} of="products">
          <Insight title="Best sellers" how={best_sellers.how}>
            <Products
              found={best_sellers}
              columns={['gmv', 'share', 'items_sold', 'stock']}
              currency={currency}
            />
          </Insight>
          <Insight title="Running out" how={running_out.how}>
            <Products
              found={running_out}
              columns={['days_of_stock', 'stock', 'items_sold']}
              currency={currency}
            />
          </Insight>
          <Insight title="Slow movers" how={slow_movers.how}>
            <Products
              found={slow_movers}
              columns={['stock', 'days_of_stock', 'items_sold', 'gmv']}
              currency={currency}
            />
          </Insight>
          <Insight title="Unusual days" how={unusual_days.how}>
            {unusual_days.data.length === 0 ? (
              <p className="blank">No day stands out.</p>
            ) : (
              <div className="scroll">
                <table>
                  <caption className="hidden">Unusual days</caption>
                  <thead>
                    <tr>
                      <th scope="col">Day</th>
                      <th scope="col" className="number">
                        GMV
                      </th>
                      <th scope="col" className="number">
                        Usual
                      </th>
                      <th scope="col">What</th>
                    </tr>
                  </thead>
                  <tbody>
                    {unusual_days.data.map((day) => (
                      <tr key={day.date}>
                        <th scope="row">{dayName(day.date)}</th>
                        <td className="number">{money(day.gmv, currency)}</td>
                        <td className="number">{money(day.usual, currency)}</td>
                        <td>{Number(day.score) < 0 ? 'far less than usual' : 'far more than usual'}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Insight>
        </Freshness>
      )}
    </Answered>
  );
}

function Insight({ title, how, children }: { title: string; how: string; children: ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <details>
        <summary>How this is worked out</summary>
        <p className="quiet">{how}</p>
      </details>
      {children}
    </section>
  );
}

interface ProductsProps {
  found: Explained<ProductInsight>;
  columns: readonly Column[];
  currency: string | null;
}

function Products({ found, columns, currency }: ProductsProps) {
  if (found.data.length === 0) return <p className="blank">No product.</p>;
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Product</th>
            {columns.map((name) => (
              <th key={name} scope="col" className="number">
                {labels[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.data.map((product) => (
            <tr key={product.product_id}>
              <th scope="row">
                <div className="named">
                  <span className="name">
                    <InPageLink to={viewAddress('products', { product: product.product_id })}>
                      {product.title ?? 'Product without a known title'}
                    </InPageLink>
                  </span>
                  <span className="quiet">{product.product_id}</span>
                </div>
              </th>
              {columns.map((name) => (
                <td key={name} className="number">
                  {cell(product, name, currency)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cell(product: ProductInsight, name: Column, currency: string | null): string {
  const value = product[name];
  if (value === null) return '–';
  if (name === 'gmv') return money(String(value), currency);
  return name === 'share' ? percent(value) : count(Number(value));
}
