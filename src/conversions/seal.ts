import type { Sql } from '../db/pool.ts';
import type { DataKey, DataKeys } from '../shops/data-keys.ts';
import type { ConversionEvent, Medium } from './types.ts';

/** The data key of conversions, made on its first use; everything personal of them is sealed under it. */
export type ConversionKey = () => Promise<DataKey>;

/** For one process. The key's id never changes; the key itself is cached by `dataKeys`. */
export function createConversionKey(sql: Sql, dataKeys: DataKeys): ConversionKey {
  let dataKeyId: number | null = null;
  return async () => {
    dataKeyId ??= await findOrMakeKey(sql, dataKeys);
    return dataKeys.load(sql, dataKeyId);
  };
}

async function findOrMakeKey(sql: Sql, dataKeys: DataKeys): Promise<number> {
  const find = (source: Pick<Sql, 'unsafe'>) =>
    source.unsafe<{ data_key_id: number }[]>('select data_key_id from conversion_keys');
  const [found] = await find(sql);
  if (found !== undefined) return found.data_key_id;
  return sql.begin(async (tx) => {
    // Two processes at their first event must not make two keys.
    await tx`lock table conversion_keys in exclusive mode`;
    const [made] = await find(tx);
    if (made !== undefined) return made.data_key_id;
    const { dataKeyId } = await dataKeys.create(tx);
    await tx`insert into conversion_keys (data_key_id) values (${dataKeyId})`;
    return dataKeyId;
  });
}

/** The columns of `conversion_events` that hold the event itself. */
export interface StoredEvent {
  event_name: string;
  event_id: string;
  /** Unix seconds. */
  event_time: number;
  medium: Medium;
  content: string;
  /** Null once the time of what is personal is over. */
  sealed: Buffer | null;
}

/** Takes an event apart into what may be read by anybody and what is sealed. */
export function sealEvent(key: DataKey, event: ConversionEvent): StoredEvent {
  const { event_name, event_id, event_time, medium, user, page, ...content } = event;
  const sealed = key.encrypt(JSON.stringify({ user, page }), contextOf(event));
  return { event_name, event_id, event_time, medium, content: JSON.stringify(content), sealed };
}

/**
 * Puts a stored event together again; without user and page once their time is over.
 *
 * @throws TidelineError for the operator when the sealed part was changed or moved.
 */
export function openEvent(key: DataKey, stored: StoredEvent): ConversionEvent {
  const { event_name, event_id, event_time, medium } = stored;
  const content = JSON.parse(stored.content) as Pick<ConversionEvent, 'properties'>;
  const personal: Pick<ConversionEvent, 'user' | 'page'> =
    stored.sealed === null
      ? { user: {}, page: {} }
      : JSON.parse(key.decrypt(stored.sealed, contextOf(stored)).toString('utf8'));
  return { event_name, event_id, event_time, medium, ...personal, ...content };
}

function contextOf({ event_name, event_id }: Pick<ConversionEvent, 'event_name' | 'event_id'>) {
  return { purpose: 'conversion-event', owner: JSON.stringify([event_name, event_id]) };
}
