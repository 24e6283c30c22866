import { z } from '@hono/zod-openapi';
import { daysBetween, isDay } from '../../analytics/calendar.ts';
import { isOnRequest, streamNames } from '../../analytics/streams.ts';

/** Ten years: as many as a query takes. */
const mostDays = 3_660;

const calendarDay = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, 'must be a calendar day such as 2026-03-01.')
  .refine(isDay, 'is no day of the calendar.')
  .openapi({ example: '2026-03-01', description: "The shop's own calendar day" });

/** What can be asked for; the minutes of LIVE sessions come with `lives`. */
const backfillStreams = streamNames.filter((name) => name !== 'live_minutes');

const onRequest = streamNames
  .filter(isOnRequest)
  .map((name) => `\`${name}\``)
  .join(', ');

/** Body of `POST /api/v1/shops/{shop}/backfills`. */
export const backfillRequest = z
  .strictObject({
    streams: z
      .array(z.enum(backfillStreams))
      .min(1)
      .max(backfillStreams.length)
      .optional()
      .openapi({
        description: `All of them when left out, but for those that take a call for each thing that sold: ${onRequest}`,
      }),
    start_date: calendarDay,
    end_date: calendarDay,
    source: z.enum(['open_api', 'seller_center']).default('open_api').openapi({
      description: "`seller_center`: with the owner's own session, of `products` only",
    }),
  })
  .superRefine(({ start_date: first, end_date: last, source, streams }, issues) => {
    const fault = (path: string, message: string) =>
      issues.addIssue({ code: 'custom', path: [path], message });
    if (source === 'seller_center' && streams?.some((name) => name !== 'products')) {
      fault('streams', 'can only be "products" where the source is the seller center.');
    }
    if (first > last) fault('end_date', 'must not lie before "start_date".');
    else if (daysBetween(first, last) >= mostDays) {
      fault('end_date', `must lie less than ${mostDays} days after "start_date".`);
    }
  })
  .openapi('BackfillRequest');
