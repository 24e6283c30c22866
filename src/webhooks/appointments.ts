import type { Sql } from '../db/pool.ts';
import type { DataKey } from '../shops/data-keys.ts';
import type { Appointment } from '../sources/acuity/appointment.ts';

/** A short text that differs when anything does that we know of the appointment; tells nothing of it. */
export function appointmentState(key: DataKey, appointment: Appointment): string {
  return key.fingerprint(JSON.stringify(appointment), 'appointment-state').toString('hex').slice(0, 16);
}

/** Finds appointments by an address without keeping it. */
export function emailFingerprint(key: DataKey, email: string): Buffer {
  return key.fingerprint(email.trim().toLowerCase(), 'appointment-email');
}

export function externalIdFingerprint(key: DataKey, externalId: string): Buffer {
  return key.fingerprint(externalId.trim(), 'appointment-external-id');
}

/** What an appointment's sealed part is bound to. */
export function appointmentContext(source: string, appointmentId: string) {
  return { purpose: 'appointment', owner: JSON.stringify([source, appointmentId]) };
}

/** @returns what tells whether an appointment is still as it was; null where it is not known yet */
export async function appointmentVersion(
  sql: Sql,
  source: string,
  appointmentId: string,
): Promise<string | null> {
  const [row] = await sql<{ version: string }[]>`
    select extract(epoch from updated_at)::text as version from appointments
    where source = ${source} and appointment_id = ${appointmentId}`;
  return row?.version ?? null;
}

/**
 * Keeps an appointment as its source said last, sealed, with what it can be found by. Sources give appointments no
 * version: of two that were read at the same time nobody knows which is the newer one.
 *
 * @param version of before it was read
 * @returns false where it was kept by somebody else since then, and this changed nothing
 */
export async function rememberAppointment(
  sql: Sql,
  key: DataKey,
  source: string,
  appointment: Appointment,
  version: string | null,
): Promise<boolean> {
  const { id, status, starts_at, email, attribution } = appointment;
  const { external_id: externalId } = attribution.user;
  const row = {
    source,
    appointment_id: id,
    status,
    starts_at,
    email_fingerprint: email ? emailFingerprint(key, email) : null,
    external_id_fingerprint: externalId === undefined ? null : externalIdFingerprint(key, externalId),
    sealed: key.encrypt(JSON.stringify(appointment), appointmentContext(source, id)),
  };
  const kept = await sql`
    insert into appointments ${sql(row)}
    on conflict (source, appointment_id) do update set
      status = excluded.status, starts_at = excluded.starts_at, sealed = excluded.sealed, updated_at = now(),
      email_fingerprint = excluded.email_fingerprint, external_id_fingerprint = excluded.external_id_fingerprint
      where extract(epoch from appointments.updated_at)::text = ${version}
    returning 1`;
  return kept.length > 0;
}

/** Keeps which event an appointment has led to. */
export async function rememberAppointmentEvent(
  sql: Sql,
  source: string,
  appointmentId: string,
  { event_name, event_id }: { event_name: string; event_id: string },
): Promise<void> {
  const row = { source, appointment_id: appointmentId, event_name, event_id };
  await sql`insert into appointment_events ${sql(row)} on conflict do nothing`;
}
