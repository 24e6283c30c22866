import { listAppointments, showAppointment } from '../../db/queries/appointments.ts';
import type { Listing } from '../listing.ts';
import { inPages } from './in-pages.ts';

/** Keyed hashes in hexadecimal; null where nobody is looked for by it. */
export interface AppointmentSelection {
  emailFingerprint: string | null;
  externalIdFingerprint: string | null;
}

/** Appointments with their events and deliveries; what is sealed of them stands in the JSON list alone. */
export const appointmentListing: Listing<AppointmentSelection, null> = {
  name: 'appointments',
  rows: (_, tx, { emailFingerprint, externalIdFingerprint }) =>
    inPages(
      (after: string | null, limit) =>
        listAppointments(
          tx,
          {
            emailFingerprint: toBytes(emailFingerprint),
            externalIdFingerprint: toBytes(externalIdFingerprint),
          },
          { after, limit },
        ),
      ({ position }) => position,
      showAppointment,
    ),
};

function toBytes(fingerprint: string | null): Buffer | null {
  return fingerprint === null ? null : Buffer.from(fingerprint, 'hex');
}
