import { Answered } from '../answered.tsx';
import type { KeyFigures as Figures, Kpis } from '../api-types.ts';
import { useRead } from '../use-read.ts';
import { Change } from './change.tsx';
import { type Comparison, comparisons } from './comparison.ts';
import { ComparedInPart } from './freshness.tsx';
import { HistoryNotice } from './history-notice.tsx';
import { labelOf, shown } from './metrics.ts';
import { compareQuery, rangeQuery, type ViewProps } from './view-props.ts';

const tiles = {
  gmv: 'All paid orders by the day of payment, cancelled ones included, at what their items sold for: without tax and shipping. The seller center counts the same way.',
  net_gmv: 'The same without orders that are cancelled now.',
  orders_count: 'Paid orders.',
  items_sold: 'Units in paid orders.',
  average_order_value: 'GMV divided by orders.',
  customers: 'Different buyers of paid orders.',
  new_customers: 'Buyers whose first paid order ever lies in these days.',
  returning_customers: 'Buyers who had paid for an order before.',
  cancelled_orders: 'Paid orders that are cancelled now.',
  tiktok_gmv: 'What TikTok itself tells of the days that were read.',
} as const satisfies Partial<Record<keyof Figures, string>>;
const names = Object.keys(tiles) as (keyof typeof tiles)[];

/** What the days come to, each figure with how it moved. */
export function KeyFigures({ shop, range, comparison }: ViewProps) {
  const query = new URLSearchParams({ ...rangeQuery(range), ...compareQuery(comparison) });
  const kpis = useRead<Kpis>(`api/v1/shops/${shop.id}/kpis?${query}`);
  return (
    <section aria-label="Key figures">
      <HistoryNotice shop={shop} />
      <Answered read={kpis}>
        {(found) => (
          <>
            <dl className="tiles">
              {names.map((name) => (
                <Tile key={name} name={name} kpis={found} comparison={comparison} />
              ))}
            </dl>
            {comparison !== 'none' && <ComparedInPart previous={found.previous_coverage} />}
            <details>
              <summary>What these figures mean</summary>
              <dl className="meanings">
                {names.map((name) => (
                  <div key={name}>
                    <dt>{labelOf(name)}</dt>
                    <dd>{tiles[name]}</dd>
                  </div>
                ))}
              </dl>
            </details>
          </>
        )}
      </Answered>
    </section>
  );
}

interface TileProps {
  name: keyof typeof tiles;
  kpis: Kpis;
  comparison: Comparison;
}

function Tile({ name, kpis, comparison }: TileProps) {
  const before = kpis.previous[name];
  return (
    <div className="tile">
      <dt>{labelOf(name)}</dt>
      <dd>
        <strong>{shown(name, kpis[name], kpis.currency)}</strong>
        {comparison !== 'none' && (
          <span className="against">
            <Change
              value={kpis.change[name]}
              against={comparisons[comparison]}
              isCost={name === 'cancelled_orders'}
            />
            {kpis.change[name] !== null && (
              <span className="quiet"> from {shown(name, before, kpis.currency)}</span>
            )}
          </span>
        )}
      </dd>
    </div>
  );
}
