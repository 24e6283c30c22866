import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepOrFindPort } from '../../src/servers/free-port.ts';
import {
  eventually,
  type RecordedChild,
  recordedChildren,
  startUp,
  stillRunning,
  type UpProcess,
} from '../support/up.ts';

const ALL = ['PostgreSQL', 'Temporal', 'The API', 'The worker'];

async function query(databaseUrl: string, text: string): Promise<postgres.RowList<postgres.Row[]>> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 5 });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

function find(children: RecordedChild[], name: string): RecordedChild {
  const child = children.find((candidate) => candidate.name === name);
  if (child === undefined) throw new Error(`${name} is not recorded.`);
  return child;
}

describe('the supervisor', () => {
  let folder: string;
  let port: number;
  const started: UpProcess[] = [];

  function up(): UpProcess {
    const process = startUp(folder, port);
    started.push(process);
    return process;
  }

  async function stop(process: UpProcess): Promise<number | null> {
    process.child.kill('SIGTERM');
    return process.ended;
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-up-'));
    port = await keepOrFindPort(null);
  });

  afterEach(async () => {
    for (const process of started.splice(0)) await stop(process);
    try {
      rmSync(realpathSync(join(folder, 'postgres')), { recursive: true, force: true });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts everything, refuses a second start, restarts what dies, and leaves nothing behind', async () => {
    const first = up();
    const { databaseUrl, temporal, firstKey } = await first.ready;
    expect(firstKey).toBe(true);
    const children = recordedChildren(folder);
    expect(stillRunning(children).sort()).toEqual(ALL);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);

    const second = up();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`ERROR already-running`);
    expect(second.output()).toContain(`(process ${first.child.pid})`);

    const connection = await Connection.connect({ address: temporal.address });
    const { config } = await connection.workflowService.describeNamespace({ namespace: temporal.namespace });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
    await connection.close();

    const killedAt = Date.now();
    process.kill(find(children, 'The worker').pid, 'SIGKILL');
    await eventually(() => {
      const worker = recordedChildren(folder).find((child) => child.name === 'The worker');
      return worker !== undefined && worker.pid !== find(children, 'The worker').pid ? worker : undefined;
    });
    expect(Date.now() - killedAt).toBeLessThan(2_000);

    await query(databaseUrl, 'create table survivor as select 1 as one');
    process.kill(find(children, 'PostgreSQL').pid, 'SIGKILL');
    await eventually(async () => {
      const rows = await query(databaseUrl, 'select one from survivor').catch(() => undefined);
      return rows?.length === 1 ? true : undefined;
    });

    const last = recordedChildren(folder);
    expect(await stop(first)).toBe(0);
    expect(stillRunning([...children, ...last])).toEqual([]);
    expect(recordedChildren(folder)).toEqual([]);
  });

  it('starts again within seconds, on the same ports, with the same data', async () => {
    const before = up();
    const { databaseUrl, temporal } = await before.ready;
    await query(databaseUrl, 'create table survivor as select 1 as one');
    expect(await stop(before)).toBe(0);

    const startedAt = Date.now();
    const after = await up().ready;
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(after).toMatchObject({ databaseUrl, temporal, firstKey: false });
    expect(await query(databaseUrl, 'select one from survivor')).toHaveLength(1);
  });

  it('cleans up after a supervisor that was killed', async () => {
    const killed = up();
    await killed.ready;
    const children = recordedChildren(folder);
    killed.child.kill('SIGKILL');
    await killed.ended;
    // The two that are ours notice it by themselves.
    await eventually(() => (stillRunning(children).length === 2 ? true : undefined));
    expect(stillRunning(children).sort()).toEqual(['PostgreSQL', 'Temporal']);

    const next = up();
    await next.ready;
    expect(next.output()).toContain('Stopped what an earlier start left running');
    expect(stillRunning(children)).toEqual([]);
    const last = recordedChildren(folder);
    expect(await stop(next)).toBe(0);
    expect(stillRunning(last)).toEqual([]);
  });

  it('stops what it has begun when it is interrupted while starting', async () => {
    const process = up();
    const children = await eventually(() => {
      try {
        const recorded = recordedChildren(folder);
        return recorded.length > 0 ? recorded : undefined;
      } catch {
        return undefined;
      }
    });
    expect(await stop(process)).toBe(0);
    expect(process.output()).not.toContain('READY');
    expect(stillRunning(children)).toEqual([]);
  });

  it('says in one sentence that the port is taken, and leaves nothing running', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    const process = up();
    expect(await process.ended).toBe(1);
    expect(process.output()).toContain(`The address 127.0.0.1:${port} is already in use`);
    expect(recordedChildren(folder)).toEqual([]);
    other.close();
  });

  it('opens neither another major version of PostgreSQL nor data of a newer Temporal or Tideline', async () => {
    const first = up();
    await first.ready;
    await stop(first);
    const spoil = async (path: string, text: string, expected: string): Promise<void> => {
      const original = readFileSync(path, 'utf8');
      writeFileSync(path, text);
      const process = up();
      expect(await process.ended).toBe(1);
      expect(process.output()).toContain(expected);
      writeFileSync(path, original);
    };
    await spoil(join(folder, 'postgres', 'data', 'PG_VERSION'), '17\n', 'PostgreSQL 17');
    await spoil(join(folder, 'temporal', 'server-version.json'), '{"serverVersion":"9.0.0"}', 'server 9.0.0');
    await spoil(join(folder, 'version'), '{"format":99,"id":"x"}', 'newer Tideline');
    await spoil(join(folder, 'secrets.json'), '{"postgres', 'is damaged');
  });
});
