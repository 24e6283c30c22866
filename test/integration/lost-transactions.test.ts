import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPool, type Sql, type Transaction } from '../../src/db/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
/** A single connection, so that the next statement gets the one that a transaction had. */
let sql: Sql;
let administrator: Sql;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  const open = (applicationName: string) =>
    openPool(database.databaseUrl, { applicationName, maxConnections: 1 });
  sql = open('test');
  administrator = open('administrator');
  await administrator`create table written (nth integer)`;
});

afterAll(async () => {
  await sql.end();
  await administrator.end();
  await database.drop();
});

afterEach(async () => {
  await administrator`delete from written`;
});

const lost = { code: 'CONNECTION_CLOSED' };
const written = () => administrator`select nth from written order by nth`;

async function beginWriting(tx: Transaction): Promise<number> {
  const [connection] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await tx`insert into written values (1)`;
  return connection?.pid ?? 0;
}

async function cut(pid: number): Promise<void> {
  await administrator`select pg_terminate_backend(${pid}, 10000)`;
  await sleep(50);
}

describe('a transaction whose connection is lost', () => {
  it('while it is idle is rejected, and what its body goes on with is refused', async () => {
    let refused: unknown = null;
    const transaction = sql.begin(async (tx) => {
      await cut(await beginWriting(tx));
      refused = await Promise.resolve()
        .then(() => tx`insert into written values (2)`)
        .catch((error) => error);
      // Nobody may hear of what the body makes of it.
      throw new Error('after the end');
    });
    await expect(transaction).rejects.toMatchObject(lost);
    await expect.poll(() => refused).toMatchObject(lost);
    expect(await written()).toEqual([]);
  });

  it('is not gone on with on the connection that was opened in its place', async () => {
    let refused: unknown = null;
    const transaction = sql.begin(async (tx) => {
      await cut(await beginWriting(tx));
      await sql`select 1`;
      refused = await Promise.resolve()
        .then(() => tx`insert into written values (2)`)
        .catch((error) => error);
    });
    await expect(transaction).rejects.toMatchObject(lost);
    await expect.poll(() => refused).toMatchObject(lost);
    // A `commit` behind the body would end somebody else's transaction.
    expect(await written()).toEqual([]);
  });

  it('in the middle of a statement is rejected, and the next one is carried out', async () => {
    const transaction = sql.begin(async (tx) => {
      const pid = await beginWriting(tx);
      const sleeping = tx`select pg_sleep(30)`.execute();
      await Promise.all([sleeping, cut(pid)]);
    });
    await expect(transaction).rejects.toThrow();
    await expect
      .poll(async () => {
        const [answer] = await sql`select 1 as one`.catch(() => []);
        return answer?.one;
      })
      .toBe(1);
    expect(await written()).toEqual([]);
  });
});

describe('a transaction that keeps its connection', () => {
  it('ends as it always did', async () => {
    expect(await sql.begin(async (tx) => tx`insert into written values (1) returning nth`)).toEqual([
      { nth: 1 },
    ]);
    const own = new Error('of the body');
    const failed = sql.begin('isolation level repeatable read', async (tx) => {
      await tx`insert into written values (2)`;
      throw own;
    });
    await expect(failed).rejects.toBe(own);
    await expect(sql.begin((tx) => tx`select nothing`)).rejects.toMatchObject({ code: '42703' });
    await sql.begin(async (tx) => {
      const half = tx.savepoint(async (inner) => {
        await inner`insert into ${inner('written')} values (3)`;
        throw own;
      });
      await expect(half).rejects.toBe(own);
      await tx.unsafe('insert into written values (4)');
    });
    expect(await sql.begin((tx) => [tx`select 1 as one`, tx`select 2 as two`])).toHaveLength(2);
    expect(await written()).toEqual([{ nth: 1 }, { nth: 4 }]);
  });
});
