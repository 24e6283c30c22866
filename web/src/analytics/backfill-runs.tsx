import { Answered } from '../answered.tsx';
import type { Page, Run, Shop } from '../api-types.ts';
import { moment, word } from '../format.ts';
import { addressWith, useAddress } from '../use-address.ts';
import { useRead } from '../use-read.ts';
import { BackfillProgress } from './backfill-progress.tsx';
import { InPageLink } from './in-page-link.tsx';

interface BackfillRunsProps {
  shop: Shop;
  mayRetry: boolean;
  /** The run that was asked for here, if one was. */
  started: string | null;
}

/** The last readings of a shop's figures, one of them day by day. */
export function BackfillRuns({ shop, mayRetry, started }: BackfillRunsProps) {
  const runs = useRead<Page<Run>>(`api/v1/shops/${shop.id}/syncs?stream=analytics&limit=6`);
  const query = useAddress();
  return (
    <section className="card" aria-labelledby="readings">
      <h2 id="readings">What was read</h2>
      <Answered read={runs}>
        {({ data }) => {
          const open = started ?? query.get('run') ?? data[0]?.run_id ?? null;
          if (open === null) return <p className="blank">Nothing has been read yet.</p>;
          return (
            <>
              <BackfillProgress key={open} runId={open} mayRetry={mayRetry} onEnd={runs.refresh} />
              {data.length > 1 && (
                <details>
                  <summary>Earlier readings</summary>
                  <ul>
                    {data.map((run) => (
                      <li key={run.run_id}>
                        <InPageLink
                          to={addressWith({ view: 'reading', run: run.run_id })}
                          current={run.run_id === open}
                        >
                          {run.started_at === null ? 'waiting' : moment(run.started_at)}
                        </InPageLink>{' '}
                        <span className={`badge small ${run.status}`}>{word(run.status)}</span>
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </>
          );
        }}
      </Answered>
    </section>
  );
}
