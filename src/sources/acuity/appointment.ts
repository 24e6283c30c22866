import { z } from 'zod';
import { type Attribution, readAttribution } from '../attribution.ts';

const text = z.string().nullish();
const id = z.union([z.string(), z.int().transform(String)]);

/** What of an appointment is read (developers.acuityscheduling.com, "Appointments"). */
const appointmentSchema = z.looseObject({
  id,
  firstName: text,
  lastName: text,
  email: text,
  phone: text,
  datetime: text,
  datetimeCreated: text,
  type: text,
  appointmentTypeID: id.nullish(),
  canceled: z.boolean().nullish(),
  forms: z
    .array(z.looseObject({ values: z.array(z.looseObject({ name: text, value: z.unknown() })).nullish() }))
    .nullish(),
});

/** An appointment of Acuity's, as far as conversions need it. */
export interface Appointment {
  id: string;
  status: 'scheduled' | 'canceled';
  /** RFC 3339. */
  starts_at: string | null;
  booked_at: string | null;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  type: string | null;
  type_id: string | null;
  attribution: Attribution;
}

/** @throws z.ZodError when it is not what Acuity documents */
export function readAppointment(given: unknown): Appointment {
  const found = appointmentSchema.parse(given);
  const fields = (found.forms ?? []).flatMap(({ values }) =>
    (values ?? []).map(({ name, value }) => [name ?? '', value] as const),
  );
  return {
    id: found.id,
    status: found.canceled === true ? 'canceled' : 'scheduled',
    starts_at: toTime(found.datetime),
    booked_at: toTime(found.datetimeCreated),
    first_name: found.firstName ?? null,
    last_name: found.lastName ?? null,
    email: found.email ?? null,
    phone: found.phone ?? null,
    type: found.type ?? null,
    type_id: found.appointmentTypeID ?? null,
    attribution: readAttribution(fields),
  };
}

/** Acuity writes offsets without their colon: `2026-11-20T10:00:00-0500`. */
function toTime(given: string | null | undefined): string | null {
  const milliseconds = Date.parse((given ?? '').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}
