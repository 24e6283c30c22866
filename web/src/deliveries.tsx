import { useState } from 'react';
import type { Delivery } from './api-types.ts';
import { count, moment } from './format.ts';
import { usePolling } from './use-polling.ts';

const shown = 20;
const filters = {
  all: { label: 'All', query: '' },
  waiting: { label: 'Waiting', query: '&status=PENDING&status=SENDING&status=RETRYING' },
  delivered: { label: 'Delivered', query: '&status=DELIVERED' },
  failed: { label: 'Failed', query: '&status=FAILED&status=EXPIRED' },
  skipped: { label: 'Skipped', query: '&status=SKIPPED' },
} as const;
type Filter = keyof typeof filters;

const badges: Record<Delivery['status'], string> = {
  PENDING: '',
  SENDING: '',
  RETRYING: 'paused',
  DELIVERED: 'completed',
  FAILED: 'failed',
  SKIPPED: 'cancelled',
  EXPIRED: 'failed',
};

/** The newest deliveries of conversions, each with what became of it. */
export function Deliveries() {
  const [filter, setFilter] = useState<Filter>('all');
  return (
    <>
      <fieldset className="choices">
        <legend className="hidden">Which deliveries</legend>
        {(Object.keys(filters) as Filter[]).map((name) => (
          <button
            key={name}
            type="button"
            className="button"
            aria-pressed={filter === name}
            onClick={() => setFilter(name)}
          >
            {filters[name].label}
          </button>
        ))}
      </fieldset>
      <DeliveryTable key={filter} filter={filter} />
    </>
  );
}

function DeliveryTable({ filter }: { filter: Filter }) {
  const path = `api/v1/deliveries?limit=${shown}&with_total=true${filters[filter].query}`;
  const { data, problem } = usePolling<{ data: Delivery[]; total: number }>(path, 5_000);
  const list = data?.data ?? [];
  return (
    <>
      {problem !== null && (
        <p role="alert" className="notice error">
          {problem.message}
        </p>
      )}
      {data === null && problem === null && <p className="quiet">Reading…</p>}
      {data !== null && list.length === 0 && (
        <p className="quiet">
          {filter === 'all' ? 'Nothing has been sent yet: no event was accepted.' : 'None of these.'}
        </p>
      )}
      {data !== null && list.length > 0 && <Table deliveries={list} total={data.total} />}
    </>
  );
}

function Table({ deliveries, total }: { deliveries: Delivery[]; total: number }) {
  return (
    <div className="scroll">
      <table>
        <caption>
          Deliveries, newest first: {count(deliveries.length)} of {count(total)}
        </caption>
        <thead>
          <tr>
            <th scope="col">Accepted</th>
            <th scope="col">Event</th>
            <th scope="col">Destination</th>
            <th scope="col">State</th>
            <th scope="col">Why</th>
            <th scope="col" className="number">
              Attempts
            </th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <tr key={delivery.id}>
              <td>{moment(delivery.created_at)}</td>
              <td>
                {delivery.event_name} <code>{delivery.event_id}</code>
              </td>
              <td>{delivery.destination}</td>
              <td>
                <span className={`badge small ${badges[delivery.status]}`}>
                  {delivery.paused ? 'paused' : delivery.status.toLowerCase()}
                </span>
              </td>
              <td className="quiet reasons">{delivery.reason ?? ''}</td>
              <td className="number">{count(delivery.attempt_count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
