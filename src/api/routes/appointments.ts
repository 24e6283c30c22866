import { z } from '@hono/zod-openapi';
import { showDeliveryId } from '../../conversions/delivery-id.ts';
import { deliveryStatuses } from '../../conversions/types.ts';
import { listAppointments } from '../../db/queries/appointments.ts';
import type { Appointment } from '../../sources/acuity/appointment.ts';
import { appointmentContext, emailFingerprint, externalIdFingerprint } from '../../webhooks/appointments.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { refuseBoundKey } from '../principal.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { page, paging, shortText, time } from './common.schema.ts';

const delivery = z.strictObject({
  delivery_id: z.string(),
  destination: z.string(),
  status: z.enum(deliveryStatuses),
  reason: z.string().nullable(),
});

const appointment = z
  .strictObject({
    source: z.string().openapi({ example: 'acuity' }),
    appointment_id: z.string(),
    status: z.enum(['scheduled', 'canceled']),
    starts_at: time.nullable(),
    created_at: time,
    updated_at: time,
    type: z.string().nullable(),
    attribution: z
      .array(z.string())
      .openapi({ description: 'Names of the identifiers that came with it', example: ['ttclid', 'ttp'] }),
    events: z.array(
      z.strictObject({ event_name: z.string(), event_id: z.string(), deliveries: z.array(delivery) }),
    ),
  })
  .openapi('Appointment');

/** The way from an appointment to its events and their deliveries. */
export function addAppointmentRoutes(tools: RouteTools, { sql, conversionKey }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/appointments',
      tag: 'Conversions',
      operationId: 'listAppointments',
      summary: 'Appointments with their events and deliveries, newest first',
      description:
        'Found by keyed hashes of the address or id; neither is shown, nor anything else personal.',
      scope: 'read',
      query: z.strictObject({
        email: shortText.optional(),
        external_id: shortText.optional(),
        limit: paging.limit,
        cursor: paging.cursor,
      }),
      responses: { 200: { description: 'Appointments', schema: page(appointment) } },
    },
    async ({ principal, query }) => {
      refuseBoundKey(principal);
      const key = await conversionKey();
      const filter = {
        emailFingerprint: query.email === undefined ? null : emailFingerprint(key, query.email),
        externalIdFingerprint:
          query.external_id === undefined ? null : externalIdFingerprint(key, query.external_id),
      };
      const list = [
        'appointments',
        filter.emailFingerprint?.toString('hex') ?? null,
        filter.externalIdFingerprint?.toString('hex') ?? null,
      ];
      const after = query.cursor === undefined ? null : openCursor(list, query.cursor);
      const found = await listAppointments(sql, filter, { after, limit: query.limit + 1 });
      const last = found.length > query.limit ? found[query.limit - 1] : undefined;
      const data = found.slice(0, query.limit).map(({ position, sealed, ...record }) => {
        const context = appointmentContext(record.source, record.appointment_id);
        const said =
          sealed === null ? null : (JSON.parse(key.decrypt(sealed, context).toString('utf8')) as Appointment);
        return {
          ...record,
          starts_at: record.starts_at?.toISOString() ?? null,
          created_at: record.created_at.toISOString(),
          updated_at: record.updated_at.toISOString(),
          type: said?.type ?? null,
          attribution: Object.keys(said?.attribution.user ?? {}),
          events: record.events.map((event) => ({
            ...event,
            deliveries: event.deliveries.map((one) => ({
              ...one,
              delivery_id: showDeliveryId(one.delivery_id),
            })),
          })),
        };
      });
      const next = last === undefined ? null : sealCursor(list, last.position);
      return { status: 200, body: { data, next_cursor: next } };
    },
  );
}
