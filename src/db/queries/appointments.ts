import { showDeliveryId } from '../../conversions/delivery-id.ts';
import type { Sql, Transaction } from '../pool.ts';

/** An appointment with what it has led to; `sealed` is what its source said of it last. */
export interface AppointmentRecord {
  source: string;
  appointment_id: string;
  status: 'scheduled' | 'canceled';
  starts_at: Date | null;
  created_at: Date;
  updated_at: Date;
  sealed: Buffer | null;
  position: string;
  events: {
    event_name: string;
    event_id: string;
    deliveries: { delivery_id: number; destination: string; status: string; reason: string | null }[];
  }[];
}

export interface AppointmentFilter {
  emailFingerprint: Buffer | null;
  externalIdFingerprint: Buffer | null;
}

/** Appointments, newest first, after the one at the position `after`. */
export function listAppointments(
  sql: Sql | Transaction,
  filter: AppointmentFilter,
  { after, limit }: { after: string | null; limit: number },
): Promise<AppointmentRecord[]> {
  return sql<AppointmentRecord[]>`
    select a.source, a.appointment_id, a.status, a.starts_at, a.created_at, a.updated_at, a.sealed, p.position,
      coalesce((
        select json_agg(json_build_object('event_name', t.event_name, 'event_id', t.event_id, 'deliveries', coalesce((
          select json_agg(json_build_object('delivery_id', d.delivery_id, 'destination', d.destination_id,
            'status', d.status, 'reason', d.reason) order by d.delivery_id)
          from conversion_events e join deliveries d using (event_key)
          where e.event_name = t.event_name and e.event_id = t.event_id), '[]')) order by t.event_name, t.event_id)
        from appointment_events t
        where t.source = a.source and t.appointment_id = a.appointment_id), '[]') as events
    from appointments a
      cross join lateral (select to_char(a.created_at, 'YYYY-MM-DD HH24:MI:SS.US') || ' ' || a.source || ' '
        || a.appointment_id as position) p
    where ${matching(sql, filter)} and (${after}::text is null or p.position collate "C" < ${after})
    order by p.position collate "C" desc limit ${limit}`;
}

/** How many there are, on all pages. */
export async function countAppointments(sql: Sql, filter: AppointmentFilter): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from appointments a where ${matching(sql, filter)}`;
  return row?.count ?? 0;
}

function matching(sql: Sql | Transaction, { emailFingerprint, externalIdFingerprint }: AppointmentFilter) {
  return sql`(${emailFingerprint}::bytea is null or a.email_fingerprint = ${emailFingerprint})
    and (${externalIdFingerprint}::bytea is null or a.external_id_fingerprint = ${externalIdFingerprint})`;
}

/** An appointment as it is shown, but for what is sealed. */
export function showAppointment({ position: _position, sealed: _sealed, ...record }: AppointmentRecord) {
  return {
    ...record,
    starts_at: record.starts_at?.toISOString() ?? null,
    created_at: record.created_at.toISOString(),
    updated_at: record.updated_at.toISOString(),
    events: record.events.map((event) => ({
      ...event,
      deliveries: event.deliveries.map((one) => ({ ...one, delivery_id: showDeliveryId(one.delivery_id) })),
    })),
  };
}
