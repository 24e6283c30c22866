/** SQLSTATE classes that a repetition can mend: connection, resources, operator intervention, rollback, system. */
const passingClasses = /^(08|25|40|53|55|57|58|CONN|ECONN|EPIPE|ENOENT|ETIMEDOUT)/;

/** PostgreSQL's own SQLSTATE or the driver's upper-case word for a broken connection; null for other errors. */
export function databaseCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  if (error.name === 'PostgresError') return error.code;
  return /^(CONNECT|CONNECTION_|ECONN|EPIPE|ENOENT|ETIMEDOUT)/.test(error.code) ? error.code : null;
}

/** Whether the database is away, full, read-only or busy for the moment, and nobody made a mistake. */
export function isPassingDatabaseTrouble(error: unknown): boolean {
  const code = databaseCode(error);
  return code !== null && passingClasses.test(code);
}
