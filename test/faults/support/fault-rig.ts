import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Rig } from '../../../bench/support/rig.ts';
import type { JournalEntry } from '../../../simulator/control/journal.ts';
import { packageRoot } from '../../../src/paths.ts';
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
  /** No worker but those that the test starts by itself. */
  withoutWorker?: boolean;
}

export interface WorkerOptions {
  /** Beside what the rig's own worker gets. */
  environment?: NodeJS.ProcessEnv;
  /** For Node, before the script. */
  nodeOptions?: readonly string[];
  /** A command that runs the worker, such as a shell with a limit; it gets the worker's command as arguments. */
  through?: readonly string[];
}

/** A rig with connected shops, and with what fault tests do to it. */
export interface FaultRig extends SyncRig {
  /** Changes the simulator's settings while it runs, such as `{ latency: 300 }`. */
  settings(settings: Record<string, unknown>): Promise<void>;
  /** Lets calls to the simulator go wrong; the kinds stand in simulator/control/faults.ts. */
  disturb(...faults: Record<string, unknown>[]): Promise<void>;
  /** How many calls each of the faults has met, in the order of the script. */
  faultHits(): Promise<number[]>;
  /** Calls that the simulator answered, oldest first. */
  journal(after?: number): Promise<JournalEntry[]>;
  /** Starts a full sync of a shop (shop-1) and waits until this share of its orders is stored; its run's id. */
  syncUntil(share: number, shopId?: string): Promise<string>;
  /** Sends a signal to a part. */
  signal(part: Part, signal: NodeJS.Signals): number;
  /** Whether the supervisor has another process in the place of this one. */
  isReplaced(part: Part, pid: number): boolean;
  /** Kills a part at once and waits until the supervisor has another in its place. */
  kill(part: Part, signal?: NodeJS.Signals): Promise<void>;
  /** The run once it is over, however long the API cannot be asked meanwhile. */
  finished(runId: string): Promise<Run>;
  /** Starts another worker process; it is killed with the rig. */
  startWorker(options?: WorkerOptions): Promise<ChildProcess>;
  /** Whether the API says that it can do its work. */
  ready(): Promise<boolean>;
  /** Waits until the API can read from the database again. */
  apiIsBack(): Promise<void>;
  /** Changes something by the API. */
  patch(path: string, body: unknown): Promise<void>;
  /** Brings shop-1 up to date. */
  syncChanges(): Promise<Run>;
  /** What the checker says. */
  verdict(options?: { history?: readonly JournalEntry[]; withGaps?: boolean }): Promise<Verdict>;
}

const idleWorker = fileURLToPath(new URL('../../support/stub-worker.mjs', import.meta.url));
const patienceMs = 4 * 60_000;

/** A whole installation, its shops connected and their schedules paused: a test alone says what runs. */
export async function startFaultRig(options: FaultRigOptions = {}): Promise<FaultRig> {
  const { orders = 4_000, shops = 1, seed = 7 } = options;
  const simulator = [
    ...['--orders-count', String(orders), '--seed', String(seed), '--page-tokens', 'shifting'],
    ...['--shops', String(shops), '--journal-size', '200000', ...(options.simulator ?? [])],
  ];
  const environment = {
    TIDELINE_PARALLEL_SLICES: '6',
    // What overload does is the matter of a test, not how many requests a key may make.
    TIDELINE_API_REQUESTS_PER_SECOND: '5000',
    ...options.environment,
  };
  const rig = await startSyncRig(
    simulator,
    environment,
    options.withoutWorker === true ? { workerScript: idleWorker } : {},
  );
  try {
    await rig.connectSeller(0);
    const workers: ChildProcess[] = [];
    const stop = async (): Promise<void> => {
      for (const worker of workers) await end(worker);
      await rig.stop();
    };
    return { ...rig, ...faultsOf(rig, { orders, workers }), stop };
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function faultsOf(
  rig: SyncRig,
  { orders, workers }: { orders: number; workers: ChildProcess[] },
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

  async function finished(runId: string): Promise<Run> {
    let last: Run | null = null;
    await until(async () => {
      last = await readRun(rig, runId);
      return last !== null && finishedStatuses.includes(last.status);
    }, `${runId} ends`);
    return last as unknown as Run;
  }

  async function ready(): Promise<boolean> {
    try {
      return (await fetch(`${rig.apiUrl}/health/ready`)).ok;
    } catch (error) {
      // Refused while the process is being restarted.
      if (error instanceof TypeError) return false;
      throw error;
    }
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

  const isReplaced = (part: Part, pid: number): boolean => ![null, pid].includes(pidNow(part));

  return {
    until,

    async settings(settings) {
      await rig.control('POST', '/settings', settings);
    },

    async disturb(...faults) {
      await rig.control('POST', '/faults', { faults });
    },

    async faultHits() {
      const { faults } = await rig.control<{ faults: { hits: number }[] }>('GET', '/faults');
      return faults.map(({ hits }) => hits);
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

    isReplaced,

    async kill(part, signal = 'SIGKILL') {
      const pid = rig.pidOf(part);
      process.kill(pid, signal);
      await until(async () => isReplaced(part, pid), `${part} is back`);
    },

    async patch(path, body) {
      const response = await fetch(`${rig.apiUrl}${path}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${rig.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`PATCH ${path}: ${response.status} ${await response.text()}`);
    },

    finished,

    async startWorker({ environment = {}, nodeOptions = [], through = [] } = {}) {
      const worker = [
        process.execPath,
        ...nodeOptions,
        join(packageRoot, 'dist', 'src', 'worker', 'main.js'),
      ];
      const [command, ...args] = [...through, ...worker];
      const child = spawn(command ?? process.execPath, args, {
        env: { ...rig.processEnvironment, ...environment },
        stdio: 'ignore',
      });
      workers.push(child);
      await once(child, 'spawn');
      return child;
    },

    ready,

    async apiIsBack() {
      await until(async () => {
        try {
          await rig.api.get('/api/v1/shops');
          return true;
        } catch (error) {
          if (error instanceof Error) return false;
          throw error;
        }
      }, 'the API answers');
    },

    async syncChanges() {
      const { run_id: runId } = await rig.start('shop-1', 'incremental');
      return finished(runId);
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
