import { createServer } from 'node:net';
import { TidelineError } from '../errors.ts';

/** Tries to listen on an address; resolves to the port (chosen by the system for 0) or to the error's code. */
function tryPort(host: string, port: number): Promise<number | string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const got = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(got));
    });
  });
}

/**
 * Below the ports that systems give to outgoing connections (32768 and up): one of those may be taken between its
 * choice here and the start of the server that is to listen on it. For the same reason each process has some of its
 * own: those that start at once have ids that are close, and never find the same port free.
 */
const firstPort = 20_000;
const portsOfProcess = 8;
const processes = 1_500;
let asked = 0;

function nextOwnPort(): number {
  const nth = asked % portsOfProcess;
  asked += 1;
  return firstPort + (process.pid % processes) * portsOfProcess + nth;
}

/** The port of an earlier start where it is still free on loopback, else a free one. */
export async function keepOrFindPort(kept: number | null): Promise<number> {
  if (kept !== null && (await tryPort('127.0.0.1', kept)) === kept) return kept;
  for (let tried = 0; tried < portsOfProcess; tried += 1) {
    const port = nextOwnPort();
    if ((await tryPort('127.0.0.1', port)) === port) return port;
  }
  const found = await tryPort('127.0.0.1', 0);
  if (typeof found === 'number') return found;
  throw new TidelineError({
    code: 'no-free-port',
    message: `No free port could be found on 127.0.0.1 (${found}).`,
    actor: 'operator',
    action: 'Check that the loopback interface is up.',
  });
}

/**
 * Checks that HOST and PORT can be listened on, before anything is started.
 * @throws TidelineError `address-in-use` and the like, with what to change
 */
export async function requireFreeAddress(host: string, port: number): Promise<void> {
  const result = await tryPort(host, port);
  if (typeof result === 'number') return;
  const faults: Record<string, [string, string]> = {
    EADDRINUSE: ['is already in use by another program', 'Stop that program or set PORT to a free port.'],
    EACCES: ['may not be opened by this user', 'Set PORT to a port above 1023.'],
    EADDRNOTAVAIL: [
      'is no address of this machine',
      'Set HOST to 127.0.0.1 or to an address of this machine.',
    ],
    ENOTFOUND: ['is no host name that is known here', 'Set HOST to 127.0.0.1.'],
  };
  const [fault, action] = faults[result] ?? [
    `cannot be listened on (${result})`,
    'Set HOST and PORT to others.',
  ];
  throw new TidelineError({
    code: result === 'EADDRINUSE' ? 'address-in-use' : 'address-not-usable',
    message: `The address ${host}:${port} ${fault}.`,
    actor: 'user',
    action,
  });
}
