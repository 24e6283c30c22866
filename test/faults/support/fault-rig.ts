import { setTimeout as sleep } from 'node:timers/promises';
import type { Rig } from '../../../bench/support/rig.ts';
import type { JournalEntry } from '../../../simulator/control/journal.ts';
import { finishedStatuses, type Run } from '../../../src/sync/types.ts';
import { type SyncRig, startSyncRig } from '../../support/sync-rig.ts';
import { judge, type Verdict } from './verdict.ts';

export type Part = Parameters<Rig['pidOf']>[0];

export interface FaultRigOptions {
  /** Of each shop. */
  orders?: number;
  shops?: number;
  /** What the simulator makes up follows it. */
  seed?: number;
  /** Further options of `tideline simulate`. */
  simulator?: readonly string[];
  environment?: NodeJS.ProcessEnv;
}

/** A rig with connected shops, and with what fault tests do to it. */
export interface FaultRig extends SyncRig {
  /** Changes the simulator's settings while it runs, such as `{ latency: 300 }`. */
  settings(settings: Record<string, unknown>): Promise<void>;
  /** Lets calls to the simulator go wrong; the kinds stand in simulator/control/faults.ts. */
  disturb(...faults: Record<string, unknown>[]): Promise<void>;
  /** Calls that the simulator answered, oldest first. */
  journal(after?: number): Promise<JournalEntry[]>;
  /** Starts a full sync of a shop (shop-1) and waits until this share of its orders is stored; its run's id. */
  syncUntil(share: number, shopId?: string): Promise<string>;
  /** Sends a signal to a part. */
  signal(part: Part, signal: NodeJS.Signals): number;
  /** Kills a part at once and waits until the supervisor has another in its place. */
  kill(part: Part, signal?: NodeJS.Signals): Promise<void>;
  /** The run once it is over, however long the API cannot be asked meanwhile. */
  finished(runId: string): Promise<Run>;
  /** What the checker says. */
  verdict(options?: { history?: readonly JournalEntry[]; withGaps?: boolean }): Promise<Verdict>;
}

const patienceMs = 4 * 60_000;

/** A whole installation, its shops connected and their schedules paused: a test alone says what runs. */
export async function startFaultRig(options: FaultRigOptions = {}): Promise<FaultRig> {
  const { orders = 4_000, shops = 1, seed = 7 } = options;
  const simulator = [
    ...['--orders-count', String(orders), '--seed', String(seed), '--page-tokens', 'shifting'],
    ...['--shops', String(shops), '--journal-size', '200000', ...(options.simulator ?? [])],
  ];
  const environment = { TIDELINE_PARALLEL_SLICES: '6', ...options.environment };
  const rig = await startSyncRig(simulator, environment);
  try {
    await rig.connectSeller(0);
    return { ...rig, ...faultsOf(rig, orders) };
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

function faultsOf(
  rig: SyncRig,
  orders: number,
): Omit<FaultRig, keyof SyncRig> & Pick<FaultRig, 'finished' | 'until'> {
  const { controlUrl } = rig.simulator.address;

  async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      if (await condition()) return;
      await sleep(50);
    }
    throw new Error(`Waited in vain until ${what}.`);
  }

  function pidNow(part: Part): number | null {
    try {
      return rig.pidOf(part);
    } catch (error) {
      // Between two of them there is none.
      if (error instanceof Error) return null;
      throw error;
    }
  }

  return {
    until,

    async settings(settings) {
      await rig.control('POST', '/settings', settings);
    },

    async disturb(...faults) {
      await rig.control('POST', '/faults', { faults });
    },

    async journal(after = 0) {
      const path = `/journal?limit=200000&after=${after}`;
      return (await rig.control<{ entries: JournalEntry[] }>('GET', path)).entries;
    },

    async syncUntil(share, shopId = 'shop-1') {
      const { run_id: runId } = await rig.start(shopId, 'full');
      await until(
        async () => (await rig.fetched(runId)) >= orders * share,
        `${share} of the orders are stored`,
      );
      return runId;
    },

    signal(part, signal) {
      const pid = rig.pidOf(part);
      process.kill(pid, signal);
      return pid;
    },

    async kill(part, signal = 'SIGKILL') {
      const pid = rig.pidOf(part);
      process.kill(pid, signal);
      await until(async () => ![null, pid].includes(pidNow(part)), `${part} is back`);
    },

    async finished(runId) {
      let last: Run | null = null;
      await until(async () => {
        last = await readRun(rig, runId);
        return last !== null && finishedStatuses.includes(last.status);
      }, `${runId} ends`);
      return last as unknown as Run;
    },

    verdict: (options = {}) => judge({ sql: rig.sql, databaseUrl: rig.databaseUrl, controlUrl, ...options }),
  };
}

/** Null while the API cannot say anything, as while PostgreSQL is down. */
async function readRun(rig: SyncRig, runId: string): Promise<Run | null> {
  try {
    return await rig.run(runId);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
