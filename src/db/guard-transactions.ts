import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql, Transaction } from './pool.ts';

type Body = (tx: Transaction) => unknown;
type Begin = (options: string, body: Body) => Promise<unknown>;

/** Neither resolves nor rejects; collected with whoever waits for it. */
const never = new Promise<never>(() => undefined);

/**
 * Ends transactions with their connection. postgres.js (3.4) rejects one whose connection died at once, but lets its body
 * go on: the body's next statement then throws where nobody can catch it, which ends the process, or, where the
 * connection was opened again meanwhile, is run there outside of any transaction. So does the `rollback` or `commit` that
 * follows the body. Here statements of a lost transaction are refused, and its body is never said to have ended.
 *
 * @see https://github.com/porsager/postgres/blob/v3.4.9/src/connection.js `closed`, `nextWrite`
 */
export function guardTransactions(sql: Sql): Sql {
  const begin = sql.begin.bind(sql) as unknown as Begin;
  const guarded = (...given: [string, Body] | [Body]): Promise<unknown> => {
    const [options, body] = given.length === 1 ? ['', given[0]] : given;
    const state = { isLost: false };
    const transaction = begin(options, (tx) => untilLost(state, () => body(guard(tx, state))));
    transaction.catch(() => {
      state.isLost = true;
    });
    return transaction;
  };
  return Object.assign(sql, { begin: guarded }) as Sql;
}

interface State {
  isLost: boolean;
}

/** What the body comes to; nothing where the transaction was lost, for it has been rejected already. */
async function untilLost(state: State, run: () => unknown): Promise<unknown> {
  try {
    const result = run();
    const done = await (Array.isArray(result) ? Promise.all(result) : result);
    return state.isLost ? never : done;
  } catch (error) {
    // The body may learn sooner than the transaction that the connection is gone.
    await nextTurn();
    if (state.isLost) return never;
    throw error;
  }
}

/** A transaction that takes no more statements once it is lost. */
function guard(tx: Transaction, state: State): Transaction {
  const demandConnection = (): void => {
    if (!state.isLost) return;
    throw Object.assign(new Error("The transaction's connection was lost."), { code: 'CONNECTION_CLOSED' });
  };
  return new Proxy(tx, {
    apply(target, self, given) {
      demandConnection();
      return Reflect.apply(target, self, given);
    },
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        demandConnection();
        const last = given.at(-1);
        // Within a savepoint the transaction is another object.
        const inner = name === 'savepoint' && typeof last === 'function';
        const passed = inner ? [...given.slice(0, -1), (tx: Transaction) => last(guard(tx, state))] : given;
        return Reflect.apply(value, target, passed);
      };
    },
  });
}
