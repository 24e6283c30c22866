import { isPassingDatabaseTrouble } from '../db/passing-trouble.ts';
import type { Sql } from '../db/pool.ts';
import {
  type EventRow,
  existingDestinations,
  insertEvents,
  listLiteral,
  toHex,
} from '../db/queries/insert-conversions.ts';
import type { DataKey } from '../shops/data-keys.ts';
import { showDeliveryId } from './delivery-id.ts';
import { type Difference, findDifferences } from './find-differences.ts';
import { GroupCommit } from './group-commit.ts';
import { parameterBits } from './parameters.ts';
import { type EventFault, type ParsedEvent, parseEvent } from './parse-event.ts';
import { type ConversionKey, sealEvent } from './seal.ts';

export interface AcceptedEvent {
  event_id: string;
  deliveries: { destination: string; delivery_id: string }[];
}

/** The answer to a batch of events. */
export interface Acceptance {
  accepted: AcceptedEvent[];
  /** Known already by name and id, or repeated in the batch; nothing was created for them. */
  duplicates: string[];
  rejected: { index: number; errors: readonly EventFault[] }[];
  /** Duplicates that say something else than what is stored, which stays. */
  differences: Difference[];
}

export interface EventIntake {
  /**
   * Stores events of a request; it resolves after the commit. Each is accepted, a duplicate, or refused by itself.
   *
   * @param origin who tells us: `api`, or a source and the id of its raw event.
   */
  acceptGiven(given: readonly unknown[], origin: string): Promise<Acceptance>;
  /** As {@link EventIntake.acceptGiven}, for events that a source of ours has made. */
  accept(events: readonly ParsedEvent[], origin: string): Promise<Acceptance>;
}

export interface EventIntakeOptions {
  sql: Sql;
  conversionKey: ConversionKey;
  /** Told after the commit which destinations have new deliveries; must not throw. */
  wake(destinationIds: readonly string[]): void;
}

/** An event on its way into the database, with its place in the request. */
interface Candidate {
  index: number;
  parsed: ParsedEvent;
  row: EventRow;
}

/** What became of the events of one request. */
interface Created {
  /** Of those that are new, by their names and ids. */
  deliveries: ReadonlyMap<string, AcceptedEvent['deliveries']>;
  /** Destinations that have something to do now. */
  toWake: ReadonlySet<string>;
}

const nothing: Created = { deliveries: new Map(), toWake: new Set() };

const mostRows = 2_000;

/** Takes events in; those of concurrent requests are committed together. */
export function createEventIntake({ sql, conversionKey, wake }: EventIntakeOptions): EventIntake {
  const queue = new GroupCommit<EventRow, Created>({
    commit: (groups) => commitGroups(sql, groups),
    mostRows,
    transactions: 2,
    concernsAll: isPassingDatabaseTrouble,
  });

  async function acceptCandidates(candidates: readonly Candidate[]): Promise<Omit<Acceptance, 'rejected'>> {
    const first = new Map(candidates.toReversed().map((candidate) => [nameOf(candidate.row), candidate]));
    const fresh = candidates.filter((candidate) => first.get(nameOf(candidate.row)) === candidate);
    const { deliveries, toWake } =
      fresh.length === 0 ? nothing : await queue.submit(fresh.map(({ row }) => row));
    const isNew = (candidate: Candidate): boolean =>
      deliveries.has(nameOf(candidate.row)) && first.get(nameOf(candidate.row)) === candidate;
    const accepted = candidates.filter(isNew).map(({ row }) => ({
      event_id: row.event_id,
      deliveries: deliveries.get(nameOf(row)) ?? [],
    }));
    const repeated = candidates.filter((candidate) => !isNew(candidate));
    wake([...toWake]);
    return {
      accepted,
      duplicates: repeated.map(({ row }) => row.event_id),
      differences: await findDifferences(sql, await conversionKey(), repeated),
    };
  }

  async function prepare(parsed: ReadonlyMap<number, ParsedEvent>, origin: string): Promise<Candidate[]> {
    const key = await conversionKey();
    return [...parsed].map(([index, one]) => ({ index, parsed: one, row: toRow(key, one, origin) }));
  }

  return {
    async acceptGiven(given, origin) {
      const now = Date.now() / 1_000;
      const parsed = new Map<number, ParsedEvent>();
      const rejected: Acceptance['rejected'] = [];
      for (const [index, one] of given.entries()) {
        const result = parseEvent(one, now);
        if ('faults' in result) rejected.push({ index, errors: result.faults });
        else parsed.set(index, result);
      }
      const unknown = await findUnknownDestinations(sql, parsed);
      for (const [index, errors] of unknown) {
        parsed.delete(index);
        rejected.push({ index, errors });
      }
      rejected.sort((left, right) => left.index - right.index);
      return { ...(await acceptCandidates(await prepare(parsed, origin))), rejected };
    },

    async accept(events, origin) {
      const candidates = await prepare(new Map(events.entries()), origin);
      return { ...(await acceptCandidates(candidates)), rejected: [] };
    },
  };
}

/** Groups may hold the same event: whoever came first has made it. */
async function commitGroups(sql: Sql, groups: readonly (readonly EventRow[])[]): Promise<Created[]> {
  const owners = new Map<string, { row: EventRow; group: number }>();
  for (const [group, rows] of groups.entries()) {
    for (const row of rows) {
      if (!owners.has(nameOf(row))) owners.set(nameOf(row), { row, group });
    }
  }
  const inserted = await insertEvents(
    sql,
    [...owners.values()].map(({ row }) => row),
  );
  const results = groups.map(() => ({
    deliveries: new Map<string, AcceptedEvent['deliveries']>(),
    toWake: new Set<string>(),
  }));
  for (const one of inserted) {
    const result = results[owners.get(nameOf(one))?.group ?? 0];
    const deliveries = result?.deliveries.get(nameOf(one)) ?? [];
    result?.deliveries.set(nameOf(one), deliveries);
    if (one.destination_id === null || one.delivery_id === null) continue;
    deliveries.push({ destination: one.destination_id, delivery_id: showDeliveryId(one.delivery_id) });
    if (one.is_paused !== true) result?.toWake.add(one.destination_id);
  }
  return results;
}

/** Faults of events that name destinations which do not exist, by their places. */
async function findUnknownDestinations(
  sql: Sql,
  parsed: ReadonlyMap<number, ParsedEvent>,
): Promise<Map<number, EventFault[]>> {
  const named = new Set([...parsed.values()].flatMap(({ destinations }) => destinations ?? []));
  if (named.size === 0) return new Map();
  const existing = await existingDestinations(sql, [...named]);
  const faults = [...parsed].map(([index, { destinations }]): [number, EventFault[]] => [
    index,
    (destinations ?? []).flatMap((id, place) =>
      existing.has(id)
        ? []
        : [{ path: `destinations.${place}`, message: 'is no destination of this installation.' }],
    ),
  ]);
  return new Map(faults.filter(([, list]) => list.length > 0));
}

function toRow(key: DataKey, { event, destinations }: ParsedEvent, origin: string): EventRow {
  const { sealed, ...stored } = sealEvent(key, event);
  return {
    ...stored,
    origin,
    sealed: sealed === null ? null : toHex(sealed),
    body_hash: toHex(hashOf(key, event, destinations)),
    parameters: parameterBits(event),
    destinations: destinations === null ? null : listLiteral(destinations),
  } as EventRow;
}

function hashOf(
  key: DataKey,
  event: ParsedEvent['event'],
  destinations: ParsedEvent['destinations'],
): Buffer {
  return key.fingerprint(JSON.stringify([event, [...(destinations ?? [])].sort()]), 'conversion-body');
}

function nameOf({ event_name, event_id }: Pick<EventRow, 'event_name' | 'event_id'>): string {
  return `${event_name}\0${event_id}`;
}
