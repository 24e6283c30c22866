import { credentials } from './platforms.ts';
import { type ConversionRoute, jsonReply } from './route.ts';

/** `GET /api/v1/appointments/{id}` of Acuity Scheduling (facts, section 4.1), with basic authentication. */
export const acuityAppointment: ConversionRoute = {
  name: 'acuity_appointment',
  method: 'GET',
  path: /^\/api\/v1\/appointments\/([^/]+)$/,
  source: () => null,
  answer({ platforms, request, parts }) {
    const { user_id, api_key } = credentials.acuity;
    const expected = `Basic ${Buffer.from(`${user_id}:${api_key}`).toString('base64')}`;
    if (request.headers.authorization !== expected)
      return jsonReply(401, { status_code: 401, error: 'unauthorized', message: 'Unauthorized' });
    const appointment = platforms.appointments.get(parts[0] ?? '');
    return appointment === undefined
      ? jsonReply(404, { status_code: 404, error: 'not_found', message: 'The appointment does not exist' })
      : jsonReply(200, appointment, 1);
  },
  failure: ({ kind, httpStatus, message }) => {
    const status = kind === 'throttle' ? 429 : httpStatus === 200 ? 500 : httpStatus;
    return jsonReply(status, { status_code: status, error: 'error', message });
  },
};

/** @returns an appointment as Acuity shows it: invented, with what is given in place of what is not */
export function newAppointment(id: number, given: Record<string, unknown>): Record<string, unknown> {
  return {
    id,
    firstName: 'Ada',
    lastName: 'Example',
    email: `guest-${id}@example.com`,
    phone: '+12015550123',
    datetime: '2030-01-15T10:00:00-0500',
    datetimeCreated: new Date().toISOString().replace(/\.\d+Z$/, '+0000'),
    price: '0.00',
    priceSold: '0.00',
    paid: 'no',
    amountPaid: '0.00',
    type: 'Trial lesson',
    appointmentTypeID: 1,
    calendar: 'Studio',
    calendarID: 1,
    duration: '30',
    timezone: 'America/New_York',
    canceled: false,
    notes: '',
    forms: [],
    ...given,
  };
}
