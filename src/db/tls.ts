import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { TidelineError } from '../errors.ts';

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];

export interface DatabaseTarget {
  /** The URL without what concerns TLS. */
  url: string;
  /** As the driver takes it; left out where the URL says nothing. */
  tls: { ssl?: 'prefer' | false | ConnectionOptions };
}

/**
 * Reads `sslmode`, `sslrootcert`, `sslcert` and `sslkey` of a database URL with the meaning that PostgreSQL's own
 * clients give them (https://www.postgresql.org/docs/current/libpq-ssl.html): `require` encrypts and trusts whoever
 * answers, unless there is a root certificate; `verify-ca` and `verify-full` do not.
 * @throws TidelineError for the operator: an unknown mode, or a file that cannot be read
 */
export function readDatabaseTarget(databaseUrl: string): DatabaseTarget {
  const [base = '', query = ''] = databaseUrl.split('?', 2);
  const parameters = new URLSearchParams(query);
  const take = (name: string): string | null => {
    const value = parameters.get(name);
    parameters.delete(name);
    return value;
  };
  const mode = take('sslmode');
  const ca = readPem(take('sslrootcert'), 'sslrootcert');
  const cert = readPem(take('sslcert'), 'sslcert');
  const key = readPem(take('sslkey'), 'sslkey');
  const rest = parameters.toString();
  const url = rest === '' ? base : `${base}?${rest}`;
  if (mode === null && ca === undefined && cert === undefined) return { url, tls: {} };
  const known = modes.find((candidate) => candidate === (mode ?? 'require'));
  if (known === undefined) throw wrong(`sslmode must be one of ${modes.join(', ')}`);
  return { url, tls: { ssl: optionsOf(known, { ca, cert, key }, addressOf(base)) } };
}

type Pem = string | undefined;

function optionsOf(
  mode: Mode,
  { ca, cert, key }: { ca: Pem; cert: Pem; key: Pem },
  address: string | null,
): 'prefer' | false | ConnectionOptions {
  if (mode === 'disable') return false;
  if (mode === 'allow' || mode === 'prefer') return 'prefer';
  const own = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  if (mode === 'require' && ca === undefined) return { ...own, rejectUnauthorized: false };
  return {
    ...own,
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true,
    checkServerIdentity: (name, certificate) =>
      // Only `verify-full` asks for the name as well. For an address the driver says none, which Node takes for
      // `localhost`.
      mode === 'verify-full' ? checkServerIdentity(address ?? name, certificate) : undefined,
  };
}

/** The host of the URL where it is an IP address. */
function addressOf(url: string): string | null {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : '';
  return isIP(host) === 0 ? null : host;
}

function readPem(path: string | null, name: string): Pem {
  // `system` asks for the machine's own authorities, which is what Node takes by itself.
  if (path === null || (name === 'sslrootcert' && path === 'system')) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrong(`its ${name} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function wrong(fault: string): TidelineError {
  return new TidelineError({
    code: 'database-tls',
    message: `DATABASE_URL is wrong: ${fault}.`,
    actor: 'operator',
    action: 'Example: postgres://…/tideline?sslmode=verify-full&sslrootcert=/etc/ssl/postgres-ca.pem',
  });
}
