import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readAppointment } from './appointment.ts';
import { isSignedByAcuity } from './signature.ts';
import { readAcuityWebhook, toConversion } from './webhook.ts';

const body = Buffer.from('action=scheduled&id=1&calendarID=2&appointmentTypeID=3');
const sign = (key: string, bytes = body): string => createHmac('sha256', key).update(bytes).digest('base64');

describe('a signature of Acuity', () => {
  it('is that of the raw bytes under the API key', () => {
    expect(isSignedByAcuity(body, sign('key'), 'key')).toBe(true);
  });

  it.each([
    undefined,
    '',
    sign('other'),
    sign('key').slice(1),
    `${sign('key')}=`,
    sign('key', Buffer.from('id=1')),
  ])('is not %s', (header) => {
    expect(isSignedByAcuity(body, header, 'key')).toBe(false);
  });
});

describe('a webhook of Acuity', () => {
  it('tells the action and the appointment, in both spellings', () => {
    expect(readAcuityWebhook(body)).toEqual({ action: 'scheduled', id: '1' });
    expect(readAcuityWebhook(Buffer.from('id=1&action=appointment.canceled'))).toEqual({
      action: 'canceled',
      id: '1',
    });
  });

  it.each([
    '',
    'id=1',
    'action=scheduled',
    'action=scheduled&id=x',
    'action=<a>&id=1',
    '{"action":"scheduled"}',
  ])('is not read from %j', (text) => {
    expect(readAcuityWebhook(Buffer.from(text))).toBeNull();
  });
});

const given = {
  id: 54_321,
  firstName: 'Jo',
  lastName: 'Doe',
  email: 'jo@example.com',
  phone: '',
  datetime: '2026-11-25T10:00:00-0500',
  datetimeCreated: '2026-11-20T09:00:00-0500',
  type: 'Trial lesson',
  appointmentTypeID: 3,
  canceled: false,
  forms: [
    {
      id: 1,
      values: [
        { name: 'TTCLID', value: 'E.1' },
        { name: 'external id', value: 'u-7' },
        { name: 'Notes', value: 'x' },
      ],
    },
  ],
};

describe('an appointment', () => {
  const appointment = readAppointment(given);
  const receivedAt = new Date('2026-11-20T14:00:05Z');
  const conversionOf = (action: string, of = appointment) =>
    toConversion({ action, id: '54321' }, of, { state: 'abc', receivedAt });

  it('is read with its times, ids and the attribution in its form', () => {
    expect(appointment).toMatchObject({
      id: '54321',
      status: 'scheduled',
      starts_at: '2026-11-25T15:00:00.000Z',
      booked_at: '2026-11-20T14:00:00.000Z',
      type_id: '3',
      attribution: { user: { ttclid: 'E.1', external_id: 'u-7' } },
    });
  });

  it('is booked once, at the time when it was', () => {
    expect(conversionOf('scheduled')).toMatchObject({
      event_id: 'acuity-54321',
      event_name: 'TRIAL_BOOKED',
      event_time: '2026-11-20T14:00:00.000Z',
      user: { email: 'jo@example.com', ttclid: 'E.1' },
    });
    const early = { ...appointment, booked_at: '2031-01-01T00:00:00.000Z' };
    expect(conversionOf('scheduled', early).event_time).toBe(receivedAt.toISOString());
  });

  it.each([
    ['rescheduled', 'TRIAL_RESCHEDULED'],
    ['canceled', 'TRIAL_CANCELED'],
    ['changed', 'APPOINTMENT_UPDATED'],
  ])('that was %s is %s, once for each state', (action, name) => {
    expect(conversionOf(action)).toMatchObject({
      event_id: 'acuity-54321-abc',
      event_name: name,
      event_time: receivedAt.toISOString(),
    });
  });
});
