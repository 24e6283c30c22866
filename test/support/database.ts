import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { TEMPLATE } from './template.ts';

export interface TestDatabase {
  databaseUrl: string;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

async function asAdministrator(statement: string): Promise<void> {
  const sql = postgres(inject('databaseUrl'), { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

/** A database of its own, with all migrations applied (or empty), on the run's PostgreSQL. */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdministrator(
    `create database ${name} template ${options.empty === true ? 'template0' : TEMPLATE}`,
  );
  return {
    databaseUrl: inject('databaseUrl').replace(/\/[^/]*$/, `/${name}`),
    drop: () => asAdministrator(`drop database if exists ${name} with (force)`),
  };
}
