import type { Appointment } from './appointment.ts';

/** What a webhook of Acuity's says: that something happened to an appointment. */
export interface AcuityWebhook {
  /** `scheduled`, `rescheduled`, `canceled`, `changed`, `order.completed`. */
  action: string;
  id: string;
}

/** The engine's names of what happens to appointments. */
const eventNames: Readonly<Record<string, string>> = {
  scheduled: 'TRIAL_BOOKED',
  rescheduled: 'TRIAL_RESCHEDULED',
  canceled: 'TRIAL_CANCELED',
  changed: 'APPOINTMENT_UPDATED',
};

/** Null when it is no webhook of Acuity's. Subscriptions made by API write `appointment.scheduled`. */
export function readAcuityWebhook(body: Buffer): AcuityWebhook | null {
  const fields = new URLSearchParams(body.toString('utf8'));
  const action = (fields.get('action') ?? '').replace(/^appointment\./, '');
  const id = fields.get('id') ?? '';
  return /^[a-z][a-z._]{0,49}$/.test(action) && /^\d{1,20}$/.test(id) ? { action, id } : null;
}

/** Null for what is nothing about an appointment. */
export function eventNameOf(action: string): string | null {
  return Object.hasOwn(eventNames, action) ? (eventNames[action] ?? null) : null;
}

/**
 * What happened, in the form of `POST /api/v1/conversions`. A booking has one id for ever, which the site may have
 * chosen; anything else has one for each state that the appointment was found in, for Acuity tells of the same thing
 * several times.
 *
 * @param state of the appointment, as a short text
 */
export function toConversion(
  { action, id }: AcuityWebhook,
  appointment: Appointment,
  { state, receivedAt }: { state: string; receivedAt: Date },
): Record<string, unknown> {
  const { attribution, booked_at } = appointment;
  const isBooking = action === 'scheduled';
  const booked = isBooking && booked_at !== null && Date.parse(booked_at) <= receivedAt.getTime();
  return {
    event_id: isBooking ? (attribution.event_id ?? `acuity-${id}`) : `acuity-${id}-${state}`,
    event_name: eventNameOf(action),
    event_time: booked ? booked_at : receivedAt.toISOString(),
    user: {
      email: appointment.email,
      phone: appointment.phone,
      first_name: appointment.first_name,
      last_name: appointment.last_name,
      ...attribution.user,
    },
    page: attribution.page,
    // Acuity names no currency, so its prices are left out: without one they would count as any.
    properties: {
      order_id: id,
      ...(appointment.type_id === null
        ? {}
        : { contents: [{ content_id: appointment.type_id, content_name: appointment.type, quantity: 1 }] }),
    },
  };
}
