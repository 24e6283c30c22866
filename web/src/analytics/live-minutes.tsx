import { Answered } from '../answered.tsx';
import type { AnalyticsPage, Shop } from '../api-types.ts';
import { ExportList } from '../export-list.tsx';
import { clockTime, count, moment, shortMoney } from '../format.ts';
import { useRead } from '../use-read.ts';
import { Chart } from './chart.tsx';
import { NotPermitted } from './freshness.tsx';
import { figureOf, isCount, isMoney, labelOf, type MetricName, shown, textOf } from './metrics.ts';

const charted: readonly MetricName[] = ['gmv', 'viewers', 'items_sold'];

interface LiveMinutesProps {
  shop: Shop;
  liveId: string;
  /** Of the list in the API. */
  path: string;
}

/** A LIVE session minute by minute. */
export function LiveMinutes({ shop, liveId, path }: LiveMinutesProps) {
  const minutes = useRead<AnalyticsPage>(`${path}?limit=500`);
  return (
    <>
      <h2 id="minutes">Minutes of a LIVE session</h2>
      <p className="quiet">Session {liveId}. Times are those of your own clock.</p>
      <Answered read={minutes}>
        {({ data, next_cursor: next, currency = null, coverage: [known] }) =>
          data.length === 0 && known?.permission === 'not_permitted' ? (
            <NotPermitted of="minutes of LIVE sessions" />
          ) : data.length === 0 ? (
            <p className="blank">
              TikTok has told no minutes of this session. It tells them after the end, of official and
              marketing accounts only.
            </p>
          ) : (
            <>
              {charted.map((metric) => (
                <Chart
                  key={metric}
                  title={`${labelOf(metric)} by minute`}
                  points={data.map((row) => {
                    const value = figureOf(row, metric);
                    return {
                      label: moment(textOf(row, 'minute')),
                      short: clockTime(textOf(row, 'minute')),
                      value: value === null ? null : Number(value),
                      text: shown(metric, value, currency ?? shop.currency),
                      previous: null,
                      previousText: '',
                    };
                  })}
                  against={null}
                  isCounted={isCount(metric)}
                  axis={(value) =>
                    isMoney(metric) ? shortMoney(value, currency ?? shop.currency) : count(value)
                  }
                />
              ))}
              {next !== null && (
                <p className="quiet">The first 500 minutes; the file below has all of them.</p>
              )}
              <ExportList name="the minutes" path={`/${path}`} query="" unit="minutes" />
            </>
          )
        }
      </Answered>
    </>
  );
}
