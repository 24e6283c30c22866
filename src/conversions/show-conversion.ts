import type { ConversionRecord } from '../db/queries/conversion-events.ts';
import { showDeliveryId } from './delivery-id.ts';
import { namesOfBits } from './parameters.ts';

/** An event as lists show it. */
export function showConversion(record: ConversionRecord) {
  const { event_key, event_time, accepted_at, medium, parameters, deliveries, ...fields } = record;
  return {
    ...fields,
    event_time: event_time.toISOString(),
    accepted_at: accepted_at.toISOString(),
    source: medium,
    parameters: namesOfBits(parameters),
    deliveries: deliveries.map((one) => ({ ...one, delivery_id: showDeliveryId(one.delivery_id) })),
  };
}
