import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { createWaker, type Waker } from '../temporal/waker.ts';
import { wakeDelivery } from './wake-delivery.ts';

export type DeliveryWaker = Waker<string>;

/** Wakes the workflows of destinations for which deliveries wait. */
export function createDeliveryWaker({ temporal, log }: { temporal: Client; log: Logger }): DeliveryWaker {
  return createWaker({
    signal: (destinationId) => wakeDelivery(temporal, destinationId),
    onFailure: (error, destinationId) =>
      log.warn({ err: error, destinationId }, 'could not wake the delivery; the schedule will'),
  });
}
