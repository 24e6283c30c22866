import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { wakeDelivery } from './wake-delivery.ts';

/** Signals of one process to one workflow come at most this often: each is an event of its history. */
const quietMs = 1_000;

export interface DeliveryWaker {
  /**
   * Says that deliveries wait for these destinations. Returns at once and never throws: what waits is stored, and the
   * schedule wakes every destination when this could not.
   */
  wake(destinationIds: Iterable<string>): void;
  /** Waits for the signals that are under way. */
  close(): Promise<void>;
}

/** Wakes destinations the first time at once, then at most once a second each. */
export function createDeliveryWaker({ temporal, log }: { temporal: Client; log: Logger }): DeliveryWaker {
  const quiet = new Map<string, { again: boolean; timer: NodeJS.Timeout }>();
  const sending = new Set<Promise<void>>();

  function send(destinationId: string): void {
    const signal = wakeDelivery(temporal, destinationId)
      .catch((error: unknown) => {
        log.warn({ err: error, destinationId }, 'could not wake the delivery; the schedule will');
      })
      .finally(() => sending.delete(signal));
    sending.add(signal);
    const timer = setTimeout(() => {
      const again = quiet.get(destinationId)?.again === true;
      quiet.delete(destinationId);
      if (again) send(destinationId);
    }, quietMs);
    timer.unref();
    quiet.set(destinationId, { again: false, timer });
  }

  return {
    wake(destinationIds) {
      for (const id of new Set(destinationIds)) {
        const waiting = quiet.get(id);
        if (waiting === undefined) send(id);
        else waiting.again = true;
      }
    },
    async close() {
      const missed = [...quiet].filter(([, { again }]) => again).map(([id]) => id);
      for (const { timer } of quiet.values()) clearTimeout(timer);
      quiet.clear();
      for (const id of missed) send(id);
      await Promise.all(sending);
      for (const { timer } of quiet.values()) clearTimeout(timer);
    },
  };
}
