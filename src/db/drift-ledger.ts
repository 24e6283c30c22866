import type { DriftFinding } from '../sources/tiktok-shop/streams/drift.ts';
import { cleanText } from './column-arrays.ts';
import type { Sql } from './pool.ts';

export interface DriftLedgerOptions {
  sql: Sql;
  log: { warn(fields: object, message: string): void };
}

export interface DriftLedger {
  /** Takes the findings of one page of a shop; returns at once. */
  note(shopId: string, stream: string, findings: readonly DriftFinding[]): void;
  /** Writes what is waiting: at the end of runs and processes. */
  flush(): Promise<void>;
}

/** Findings of one stream of a shop that are kept, most of all for a hostile upstream's sake. */
const mostFindings = 1_000;
const mostSamples = 5;
/** A new finding is shown at once; that it goes on is written once a minute. */
const newsMs = 500;
const countsMs = 60_000;

interface Entry extends DriftFinding {
  shopId: string;
  stream: string;
  /** Met since the last write. */
  waiting: number;
}

/**
 * Records drift behind the pages that showed it: one write when something is met for the first time, then a count a
 * minute at most. A field that drifts in every order costs a page a few look-ups in memory.
 */
export function createDriftLedger({ sql, log }: DriftLedgerOptions): DriftLedger {
  const streams = new Map<string, Map<string, Entry>>();
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();

  function schedule(milliseconds: number): void {
    const at = performance.now() + milliseconds;
    if (at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => void flush(), milliseconds).unref();
  }

  async function write(): Promise<void> {
    const entries = [...streams.values()].flatMap((stream) => [...stream.values()]);
    const waiting = entries.filter((entry) => entry.waiting > 0);
    if (waiting.length === 0) return;
    const rows = waiting.map((entry) => ({ ...entry, count: entry.waiting, samples: [...entry.samples] }));
    for (const entry of waiting) entry.waiting = 0;
    try {
      await insert(sql, rows);
    } catch (error) {
      // A ledger of oddities must not stop the sync that met them: they wait for the next round.
      for (const [index, entry] of waiting.entries()) entry.waiting += rows[index]?.count ?? 0;
      log.warn({ err: error, waiting: waiting.length }, 'Drift could not be recorded.');
      schedule(countsMs);
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
    writing = writing.then(write);
    return writing;
  }

  return {
    note(shopId, stream, findings) {
      if (findings.length === 0) return;
      const place = `${shopId} ${stream}`;
      const known = streams.get(place) ?? new Map<string, Entry>();
      streams.set(place, known);
      for (const finding of findings) {
        const isNews = merge(known, shopId, stream, finding);
        schedule(isNews ? newsMs : countsMs);
      }
    },
    flush,
  };
}

/** Adds a finding to those that are known; says whether it tells something new. */
function merge(known: Map<string, Entry>, shopId: string, stream: string, finding: DriftFinding): boolean {
  const key = `${finding.kind} ${finding.path}`;
  const entry = known.get(key);
  if (entry === undefined) {
    if (known.size >= mostFindings) return false;
    known.set(key, { ...finding, samples: [...finding.samples], shopId, stream, waiting: finding.count });
    return true;
  }
  entry.waiting += finding.count;
  const samples = finding.samples.filter((sample) => !entry.samples.includes(sample));
  const added = samples.slice(0, mostSamples - entry.samples.length);
  entry.samples.push(...added);
  return added.length > 0;
}

async function insert(sql: Sql, entries: readonly Entry[]): Promise<void> {
  const rows = entries
    .map(({ shopId, stream, path, kind, samples, count }) => ({
      shop_id: shopId,
      stream,
      path: cleanText(path),
      kind,
      samples: samples.map(cleanText),
      count,
    }))
    .toSorted((a, b) => (`${a.shop_id} ${a.path} ${a.kind}` < `${b.shop_id} ${b.path} ${b.kind}` ? -1 : 1));
  await sql`
    insert into drift_findings as known (shop_id, stream, path, kind, samples, occurrences)
    select shop_id, stream, path, kind, samples, count
    from jsonb_to_recordset(${sql.json(rows)}) as finding(shop_id text, stream text, path text, kind text,
      samples text[], count bigint)
    where (select count(*) from drift_findings kept
      where kept.shop_id = finding.shop_id and kept.stream = finding.stream) < ${mostFindings}
      or exists (select 1 from drift_findings kept where kept.shop_id = finding.shop_id
        and kept.stream = finding.stream and kept.path = finding.path and kept.kind = finding.kind)
    on conflict (shop_id, stream, path, kind) do update set
      occurrences = known.occurrences + excluded.occurrences, last_seen_at = excluded.last_seen_at,
      samples = (select (array_agg(sample order by place))[1:${mostSamples}] from (
        select sample, min(place) as place
        from unnest(known.samples || excluded.samples) with ordinality as every(sample, place) group by sample
      ) as distinct_samples)`;
}
