import type { Drift, SetAsideRecord } from './api-types.ts';
import { count, moment } from './format.ts';
import { usePolling } from './use-polling.ts';

interface List<Item> {
  data: Item[];
  total: number;
}

const shown = 20;
const kinds: Record<Drift['kind'], string> = {
  unknown: 'not documented',
  missing: 'missing',
  retyped: 'of another type',
  new_value: 'new value',
};

/** What of a shop could not be stored, and what TikTok sends that it does not document. Nothing where all is well. */
export function DataQuality({ shopId }: { shopId: string }) {
  const query = `limit=${shown}&with_total=true`;
  const aside = usePolling<List<SetAsideRecord>>(`api/v1/shops/${shopId}/quarantine?${query}`, 30_000).data;
  const drift = usePolling<List<Drift>>(`api/v1/shops/${shopId}/drift?${query}`, 30_000).data;
  return (
    <>
      {aside !== null && aside.total > 0 && (
        <details>
          <summary>{count(aside.total)} orders set aside: they could not be stored</summary>
          <ul>
            {aside.data.map((record) => (
              <li key={record.record_id}>
                <code>{record.record_id}</code> <code>{record.path}</code>: {record.reason}, since{' '}
                {moment(record.first_seen_at)}
              </li>
            ))}
          </ul>
          <More total={aside.total} listed={aside.data.length} />
        </details>
      )}
      {drift !== null && drift.total > 0 && (
        <details>
          <summary>{count(drift.total)} differences from TikTok’s documentation</summary>
          <ul>
            {drift.data.map((finding) => (
              <li key={`${finding.kind} ${finding.path}`}>
                <code>{finding.path}</code> {kinds[finding.kind]} ({finding.samples.join(', ')}),{' '}
                {count(finding.occurrences)} times since {moment(finding.first_seen_at)}
              </li>
            ))}
          </ul>
          <More total={drift.total} listed={drift.data.length} />
        </details>
      )}
    </>
  );
}

function More({ total, listed }: { total: number; listed: number }) {
  return total > listed ? <p className="quiet">and {count(total - listed)} more</p> : null;
}
