import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { prepareGivenTemporal, SEARCH_ATTRIBUTE_NAMES } from '../../src/servers/given-temporal.ts';
import { givenTemporalAddress } from '../../src/servers/temporal-address.ts';
import { startCommand } from '../support/command.ts';
import { createTestDatabase } from '../support/database.ts';
import {
  type Certificates,
  makeCertificates,
  startTemporalProxy,
  type TemporalProxy,
} from '../support/temporal-proxy.ts';

const namespace = `shops-${randomBytes(4).toString('hex')}`;
const apiKey = 'key-of-the-test';
let folder: string;
let certificates: Certificates;
let proxy: TemporalProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-mtls-'));
  certificates = makeCertificates(folder);
  proxy = await startTemporalProxy(inject('temporalAddress'), certificates);
});

afterAll(async () => {
  await proxy.close();
  rmSync(folder, { recursive: true, force: true });
});

function variables(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_CLIENT_CERT_PATH: certificates.client,
    TEMPORAL_TLS_CLIENT_KEY_PATH: certificates.clientKey,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.authority,
    TEMPORAL_TLS_SERVER_NAME: 'localhost',
    TEMPORAL_CONFIG_FILE: join(folder, 'none.toml'),
    ...more,
  };
}

async function prepare(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const lines: string[] = [];
  const address = givenTemporalAddress(environment);
  if (address === null) throw new Error('No server is named.');
  await prepareGivenTemporal(address, environment, (line) => lines.push(line));
  return lines;
}

it('is told apart: no certificate, no key, no namespace', async () => {
  const without = variables();
  delete without.TEMPORAL_TLS_CLIENT_CERT_PATH;
  delete without.TEMPORAL_TLS_CLIENT_KEY_PATH;
  await expect(prepare(without)).rejects.toMatchObject({ code: 'temporal-not-reachable' });
  await expect(prepare(variables())).rejects.toMatchObject({
    code: 'temporal-namespace-missing',
    action: expect.stringContaining(`temporal operator namespace create --namespace ${namespace}`),
  });
  proxy.demandKey(apiKey);
  await expect(prepare(variables({ TEMPORAL_API_KEY: 'another' }))).rejects.toMatchObject({
    code: 'temporal-access-refused',
  });
});

it('gets certificate and key, by variables and by a profile, and its search attributes once', async () => {
  const direct = await Connection.connect({ address: inject('temporalAddress') });
  await direct.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('3 days'),
  });
  await vi.waitFor(() => direct.workflowService.describeNamespace({ namespace }), 30_000);
  proxy.demandKey(apiKey);
  // A namespace that was just made is known to every part of the server only after a while.
  proxy.findNothing('ListSearchAttributes', 2);
  const lines = await prepare(variables({ TEMPORAL_API_KEY: apiKey }));
  expect(lines.join()).toContain('Registered the search attributes ShopId, Stream, SyncMode');
  expect([...proxy.authorizations]).toContain(`Bearer ${apiKey}`);
  const { customAttributes } = await direct.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTE_NAMES]));
  await direct.close();

  const profile = join(folder, 'temporal.toml');
  writeFileSync(
    profile,
    `[profile.prod]
address = "${proxy.address}"
namespace = "${namespace}"
api_key = "${apiKey}"
[profile.prod.tls]
client_cert_path = "${certificates.client}"
client_key_path = "${certificates.clientKey}"
server_ca_cert_path = "${certificates.authority}"
server_name = "localhost"
`,
  );
  const byProfile = { TEMPORAL_CONFIG_FILE: profile, TEMPORAL_PROFILE: 'prod' };
  expect(givenTemporalAddress(byProfile)).toMatchObject({ address: proxy.address, namespace });
  expect(await prepare(byProfile)).toEqual([]);
});

it('serves a worker, and a worker says what it lacks', async () => {
  const database = await createTestDatabase();
  const bare = await createTestDatabase({ empty: true });
  const clean = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL|TIDELINE|TIKTOK)_/.test(name));
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(clean),
    ...variables({ TEMPORAL_API_KEY: apiKey }),
    DATABASE_URL: database.databaseUrl,
    TIDELINE_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
  const worker = startCommand(['worker'], environment);
  await vi.waitFor(() => expect(worker.output()).toContain('worker is ready'), 30_000);
  worker.child.kill('SIGTERM');
  expect(await worker.result).toMatchObject({ code: 0 });
  expect(worker.output()).not.toContain(apiKey);

  const lacking: [change: NodeJS.ProcessEnv, told: string][] = [
    [{ DATABASE_URL: bare.databaseUrl }, 'Run "tideline migrate"'],
    [{ TEMPORAL_NAMESPACE: 'nobody-made-it' }, 'temporal operator namespace create'],
    [{ TEMPORAL_API_KEY: 'another' }, 'TEMPORAL_API_KEY'],
    [{ DATABASE_URL: '' }, 'DATABASE_URL is not set'],
  ];
  for (const [change, told] of lacking) {
    const { code, stderr } = await startCommand(['worker'], { ...environment, ...change }).result;
    expect(stderr).toContain(told);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  }
  await database.drop();
  await bare.drop();
});
