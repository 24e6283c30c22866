import { z } from '@hono/zod-openapi';
import { deliveryStatuses } from '../../conversions/types.ts';
import { countAppointments, listAppointments, showAppointment } from '../../db/queries/appointments.ts';
import { appointmentListing } from '../../exports/listings/appointments.ts';
import type { Appointment } from '../../sources/acuity/appointment.ts';
import { appointmentContext, emailFingerprint, externalIdFingerprint } from '../../webhooks/appointments.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { refuseBoundKey } from '../principal.ts';
import type { RouteTools } from '../route.ts';
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

const query = z.strictObject({
  email: shortText.optional(),
  external_id: shortText.optional(),
  ...paging,
});

/** The way from an appointment to its events and their deliveries. */
export function addAppointmentRoutes(tools: RouteTools, { sql, conversionKey }: ApiDependencies): void {
  const filterOf = async (asked: Pick<z.output<typeof query>, 'email' | 'external_id'>) => {
    const key = await conversionKey();
    return {
      emailFingerprint: asked.email === undefined ? null : emailFingerprint(key, asked.email),
      externalIdFingerprint:
        asked.external_id === undefined ? null : externalIdFingerprint(key, asked.external_id),
    };
  };

  addListRoute(
    tools,
    {
      path: '/api/v1/appointments',
      tag: 'Conversions',
      operationId: 'listAppointments',
      summary: 'Appointments with their events and deliveries, newest first',
      description:
        'Found by keyed hashes of the address or id; neither is shown, nor anything else personal. In files, ' +
        '`type` and `attribution` are left out, for they are sealed.',
      scope: 'read',
      query,
      unnamed: ['email', 'external_id'],
      responses: { 200: { description: 'Appointments', schema: page(appointment) } },
      item: appointment,
      listing: appointmentListing,
      async select({ principal, query: asked }) {
        refuseBoundKey(principal);
        const filter = await filterOf(asked);
        const selection = {
          emailFingerprint: filter.emailFingerprint?.toString('hex') ?? null,
          externalIdFingerprint: filter.externalIdFingerprint?.toString('hex') ?? null,
        };
        return { shop: null, scope: null, selection, leftOut: ['type', 'attribution'] };
      },
    },
    async ({ principal, query: { limit, cursor, with_total, ...asked } }) => {
      refuseBoundKey(principal);
      const key = await conversionKey();
      const filter = await filterOf(asked);
      const list = [
        'appointments',
        filter.emailFingerprint?.toString('hex') ?? null,
        filter.externalIdFingerprint?.toString('hex') ?? null,
      ];
      const after = cursor === undefined ? null : openCursor(list, cursor);
      const found = await listAppointments(sql, filter, { after, limit: limit + 1 });
      const last = found.length > limit ? found[limit - 1] : undefined;
      const data = found.slice(0, limit).map((record) => {
        const { sealed, source, appointment_id: id } = record;
        const said =
          sealed === null
            ? null
            : (JSON.parse(
                key.decrypt(sealed, appointmentContext(source, id)).toString('utf8'),
              ) as Appointment);
        return {
          ...showAppointment(record),
          type: said?.type ?? null,
          attribution: Object.keys(said?.attribution.user ?? {}),
        };
      });
      const next = last === undefined ? null : sealCursor(list, last.position);
      const body = { data, next_cursor: next };
      return {
        status: 200,
        body: with_total ? { ...body, total: await countAppointments(sql, filter) } : body,
      };
    },
  );
}
