import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../paths.ts';
import type { ProcessSpecification } from './supervised-process.ts';

/** A worker that has lived this long has read its configuration, its bundle and its connections. */
const WORKER_SETTLES_MS = 1_000;

/**
 * V8 sizes its heap by its bound, which follows the machine's memory; this one measured best between collecting too
 * often and growing by hundreds of megabytes (`bench/orders-full.ts`). Pages are taken apart in threads of their own.
 */
const workerHeap = ['--max-old-space-size=1536', '--max-semi-space-size=4'];
/** glibc keeps up to eight heaps a core for its threads, and gives little of them back. */
const workerEnvironment = { MALLOC_ARENA_MAX: '2' };

export interface ProgramOptions {
  environment: NodeJS.ProcessEnv;
  /** Folder for the log, null to write to the output of this process. */
  logs: string | null;
  /** Another script than the built one; for tests. */
  script?: string | undefined;
}

function program(
  name: string,
  folder: string,
  options: ProgramOptions & { nodeOptions: readonly string[] },
): Omit<ProcessSpecification, 'isReady' | 'readyWithinMs'> {
  const dist = join(packageRoot, 'dist', 'src');
  return {
    name,
    command: process.execPath,
    args: [
      '--enable-source-maps',
      ...options.nodeOptions,
      '--import',
      pathToFileURL(join(dist, 'servers', 'watch-parent.js')).href,
      options.script ?? join(dist, folder, 'main.js'),
    ],
    env: options.environment,
    logFile: options.logs === null ? null : join(options.logs, `${folder}.log`),
    watchParent: true,
    stop: [{ signal: 'SIGTERM', patienceMs: 15_000 }],
    hurrySignal: 'SIGKILL',
  };
}

/** The worker process. */
export function workerProcess(options: ProgramOptions): ProcessSpecification {
  const startedAt = Date.now();
  return {
    ...program('The worker', 'worker', {
      ...options,
      environment: { ...workerEnvironment, ...options.environment },
      nodeOptions: workerHeap,
    }),
    isReady: async () => Date.now() - startedAt >= WORKER_SETTLES_MS,
    readyWithinMs: 30_000,
  };
}

/** The API process; ready when its own `GET /health/ready`, not that of another installation, answers 200. */
export function apiProcess(
  options: ProgramOptions & { host: string; port: number; publicUrl: string },
): ProcessSpecification {
  const instance = randomUUID();
  const environment = { ...options.environment, TIDELINE_INSTANCE: instance };
  return {
    ...program('The API', 'api', { ...options, environment, nodeOptions: [] }),
    isReady: () => answersReady({ ...options, instance }),
    readyWithinMs: 60_000,
  };
}

interface ReadinessQuestion {
  host: string;
  port: number;
  publicUrl: string;
  /** What the process was given to answer with. */
  instance: string;
}

function answersReady({ host, port, publicUrl, instance }: ReadinessQuestion): Promise<boolean> {
  // "All addresses" can be listened on but not called.
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: reachable,
        port,
        path: '/health/ready',
        timeout: 2_000,
        headers: { Host: new URL(publicUrl).host },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200 && response.headers['x-tideline-instance'] === instance);
      },
    );
    call.once('timeout', () => call.destroy(new Error('No answer within 2 s.')));
    call.once('error', reject);
    call.end();
  });
}
