import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrate.ts';
import buildProgram from './build-program.ts';
import { TEMPLATE } from './template.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Administrator's URL of the run's PostgreSQL; tests take a database of their own by `createTestDatabase`. */
    databaseUrl: string;
    /** `host:port` of the run's Temporal server, namespace `default`. */
    temporalAddress: string;
  }
}

interface Started {
  databaseUrl: string;
  temporalAddress: string;
}

/** One PostgreSQL and one Temporal server for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildProgram();
  const child = fork(fileURLToPath(new URL('./servers-process.mjs', import.meta.url)), {
    // Ctrl-C must not reach it before the tests have ended; it notices the end of this process by itself.
    detached: true,
  });
  const stop = (): Promise<void> => stopServers(child);
  try {
    const started = await waitForServers(child);
    const templateUrl = started.databaseUrl.replace(/\/[^/]*$/, `/${TEMPLATE}`);
    const sql = postgres(started.databaseUrl, { max: 1 });
    await sql.unsafe(`create database ${TEMPLATE}`);
    await sql.end();
    await migrate(templateUrl);
    project.provide('databaseUrl', started.databaseUrl);
    project.provide('temporalAddress', started.temporalAddress);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function waitForServers(child: ChildProcess): Promise<Started> {
  const outcome = await Promise.race([
    once(child, 'message').then(([message]) => message as Partial<Started> & { error?: string }),
    once(child, 'exit').then(([code]) => ({ error: `The test servers ended with ${code}.` })),
  ]);
  if ('error' in outcome && outcome.error !== undefined) throw new Error(outcome.error);
  const { databaseUrl, temporalAddress } = outcome as Started;
  return { databaseUrl, temporalAddress };
}

async function stopServers(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
