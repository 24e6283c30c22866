import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificates {
  authority: string;
  server: string;
  serverKey: string;
  client: string;
  clientKey: string;
}

/** An authority of its own with a certificate for `localhost` and one for a client. */
export function makeCertificates(folder: string): Certificates {
  const path = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { stdio: 'ignore', cwd: folder });
  };
  const key = ['-nodes', '-newkey', 'rsa:2048'];
  openssl(
    'req',
    '-x509',
    '-days',
    '2',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Test CA',
  );
  for (const name of ['server', 'client']) {
    openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(path(`${name}.ext`), 'subjectAltName=DNS:localhost\n');
    const signed = ['-req', '-days', '2', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'];
    openssl('x509', ...signed, '-CAcreateserial', '-out', `${name}.pem`, '-extfile', `${name}.ext`);
  }
  return {
    authority: path('ca.pem'),
    server: path('server.pem'),
    serverKey: path('server.key'),
    client: path('client.pem'),
    clientKey: path('client.key'),
  };
}

export interface TemporalProxy {
  /** `host:port` that speaks TLS and asks for a client certificate. */
  address: string;
  /** `authorization` of the calls so far. */
  authorizations: Set<string>;
  /** When set, calls with another key are refused as Temporal does. */
  demandKey(key: string | null): void;
  /** The next calls of a method, such as `ListSearchAttributes`, do not find what they ask for. */
  findNothing(method: string, calls: number): void;
  close(): Promise<void>;
}

/** A Temporal server that asks for client certificates and API keys, before one that asks for nothing. */
export async function startTemporalProxy(target: string, certificates: Certificates): Promise<TemporalProxy> {
  const upstream = connect(`http://${target}`);
  const authorizations = new Set<string>();
  let demanded: string | null = null;
  const blind = new Map<string, number>();
  const server = createSecureServer({
    cert: readFileSync(certificates.server),
    key: readFileSync(certificates.serverKey),
    ca: readFileSync(certificates.authority),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.destroy());
    const authorization = headers.authorization ?? '';
    if (authorization !== '') authorizations.add(authorization);
    if (demanded !== null && authorization !== `Bearer ${demanded}`) {
      refuse(stream, unauthenticated, 'unknown key');
      return;
    }
    const method = headers[':path']?.split('/').at(-1) ?? '';
    const left = blind.get(method) ?? 0;
    if (left > 0) {
      blind.set(method, left - 1);
      refuse(stream, notFound, 'nothing found');
      return;
    }
    passOn(stream, headers, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorizations,
    demandKey(key) {
      demanded = key;
    },
    findNothing(method, calls) {
      blind.set(method, calls);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      upstream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Codes of gRPC. */
const notFound = 5;
const unauthenticated = 16;

function refuse(stream: ServerHttp2Stream, code: number, message: string): void {
  const refusal = { 'grpc-status': String(code), 'grpc-message': message };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
}

const endOfStream = 1;

function passOn(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  upstream: ReturnType<typeof connect>,
): void {
  const { ':authority': _, ...rest } = headers;
  const call = upstream.request(rest);
  let trailers: IncomingHttpHeaders = {};
  call.on('response', (answer, flags) => {
    const { ':status': status, ...fields } = answer;
    if (stream.destroyed) return;
    if (flags & endOfStream) stream.respond({ ':status': status, ...fields }, { endStream: true });
    else stream.respond({ ':status': status, ...fields }, { waitForTrailers: true });
  });
  call.on('trailers', (fields) => {
    trailers = fields;
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  call.on('error', () => stream.destroy());
  stream.on('close', () => call.close());
  stream.pipe(call);
  call.pipe(stream);
}
