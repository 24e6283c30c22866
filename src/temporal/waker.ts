/** Signals of one process to one workflow come at most this often: each is an event of its history. */
const quietMs = 1_000;

export interface Waker<Id extends string> {
  /**
   * Says that something waits for these. Returns at once and never throws: what waits is stored, and a schedule wakes
   * whatever this could not.
   */
  wake(ids: Iterable<Id>): void;
  /** Waits for the signals that are under way. */
  close(): Promise<void>;
}

export interface WakerOptions<Id extends string> {
  signal(id: Id): Promise<void>;
  /** Told when a signal could not be sent. */
  onFailure(error: unknown, id: Id): void;
}

/** Signals the first time at once, then at most once a second each. */
export function createWaker<Id extends string>({ signal, onFailure }: WakerOptions<Id>): Waker<Id> {
  const quiet = new Map<Id, { again: boolean; timer: NodeJS.Timeout }>();
  const sending = new Set<Promise<void>>();

  function send(id: Id): void {
    const sent = signal(id)
      .catch((error: unknown) => onFailure(error, id))
      .finally(() => sending.delete(sent));
    sending.add(sent);
    const timer = setTimeout(() => {
      const again = quiet.get(id)?.again === true;
      quiet.delete(id);
      if (again) send(id);
    }, quietMs);
    timer.unref();
    quiet.set(id, { again: false, timer });
  }

  return {
    wake(ids) {
      for (const id of new Set(ids)) {
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
