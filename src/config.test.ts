import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { environmentSchema, variableFacts } from './config-schema.ts';
import { TidelineError } from './errors.ts';
import { packageRoot } from './paths.ts';

const goodKeys = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

function faultOf(environment: NodeJS.ProcessEnv): TidelineError {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof TidelineError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

test('an empty environment gives the documented defaults', () => {
  const config = loadConfig({ PORT: '', TIDELINE_API_KEY: '  ' });
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    publicUrl: 'http://127.0.0.1:3000',
    databaseUrl: null,
    encryptionKeys: null,
    encryptionKeysDirectory: null,
    apiKey: null,
    logLevel: 'info',
    personalRetentionDays: 30,
    shopRetentionDays: 30,
    temporalUiUrl: null,
    tiktokShop: {
      appKey: null,
      appSecret: null,
      apiUrl: 'https://open-api.tiktokglobalshop.com',
      authUrl: 'https://auth.tiktok-shops.com',
      authorizeUrl: 'https://services.tiktokshop.com',
      sandbox: false,
      requestsPerSecond: 200,
      parallelSlices: 24,
    },
  });
  expect(config.dataDirectory).toBe(join(process.cwd(), '.tideline'));
  expect(config.cacheDirectory).toMatch(/\/\.cache\/tideline$/);
});

test('one message lists everything wrong, with an example each', () => {
  const error = faultOf({
    HOST: 'http://localhost',
    PORT: '70000',
    LOG_LEVEL: 'loud',
    TIDELINE_REQUESTS_PER_SECOND: '0',
    TIDELINE_PARALLEL_SLICES: '1.5',
    TIKTOK_SHOP_API_URL: 'http://api.example.com',
    TIKTOK_SANDBOX: 'maybe',
    DATABASE_URL: 'mysql://root@127.0.0.1/x',
  });
  expect(error).toMatchObject({ actor: 'operator', code: 'configuration-invalid' });
  const lines = error.message.split('\n');
  expect(lines[0]).toBe('The configuration is wrong in 9 places:');
  for (const name of [
    'HOST',
    'PORT',
    'LOG_LEVEL',
    'TIDELINE_REQUESTS_PER_SECOND',
    'TIDELINE_PARALLEL_SLICES',
    'TIKTOK_SHOP_API_URL',
    'TIKTOK_SANDBOX',
    'DATABASE_URL',
    'TIDELINE_ENCRYPTION_KEYS',
  ]) {
    expect(
      lines.filter((line) => line.startsWith(`  ${name} `) && line.includes(`Example: ${name}=`)),
    ).toHaveLength(1);
  }
  expect(error.message).toContain(
    'PORT must be a whole number from 1 to 65535, not "70000". Example: PORT=3000',
  );
});

test('values of secrets are never in the message', () => {
  const error = faultOf({
    DATABASE_URL: 'mysql://root:hunter2@127.0.0.1/x',
    TIDELINE_ENCRYPTION_KEYS: 'hunter2',
    TIDELINE_API_KEY: 'hunter2 with spaces',
    TIKTOK_APP_SECRET: 'hunter2 with spaces',
    TIKTOK_SHOP_API_URL: 'https://user:hunter2@api.example.com',
    TIKTOK_SHOP_AUTH_URL: 'https://api.example.com/?secret=hunter2',
  });
  expect(error.message.split('\n').length).toBeGreaterThan(6);
  expect(error.message).not.toContain('hunter2');
  expect(error.message).toContain('  TIKTOK_APP_SECRET must be');
});

test.each([
  ['https://gateway.example.com/tiktok//', 'https://gateway.example.com/tiktok'],
  ['http://127.0.0.1:4010/', 'http://127.0.0.1:4010'],
  ['http://localhost:4010/shop', 'http://localhost:4010/shop'],
  ['http://[::1]:4010', 'http://[::1]:4010'],
])('the upstream %s becomes %s', (given, expected) => {
  expect(loadConfig({ TIKTOK_SHOP_API_URL: given }).tiktokShop.apiUrl).toBe(expected);
});

test.each(['ftp://a.example', 'api.example.com', 'http://10.0.0.1', 'https://a.example/?x=1', 'https://'])(
  'the upstream %s is refused',
  (given) => {
    expect(faultOf({ TIKTOK_SHOP_AUTHORIZE_URL: given }).message).toContain('TIKTOK_SHOP_AUTHORIZE_URL must');
  },
);

test('the shorter names of app key and secret are read when the longer ones are unset', () => {
  const short = { TIKTOK_APP_KEY: 'short', TIKTOK_APP_SECRET: 'short-secret' };
  expect(loadConfig(short).tiktokShop).toMatchObject({ appKey: 'short', appSecret: 'short-secret' });
  expect(loadConfig({ ...short, TIKTOK_SHOP_APP_KEY: 'long' }).tiktokShop.appKey).toBe('long');
  expect(faultOf({ TIKTOK_APP_KEY: 'short' }).message).toContain('TIKTOK_SHOP_APP_SECRET is missing');
});

test.each([
  ['k1:AAAA', 'key 1 is not 32 bytes'],
  [`${goodKeys},${goodKeys}`, 'the id of key 2 is used twice'],
  [`${goodKeys},k2`, 'entry 2 is not'],
])('encryption keys: %s', (keys, fault) => {
  expect(faultOf({ TIDELINE_ENCRYPTION_KEYS: keys }).message).toContain(fault);
});

test('a database of one’s own needs encryption keys', () => {
  const databaseUrl = 'postgres://u:p%40ss@db1.example:5432,db2.example:5433/tideline?sslmode=require';
  expect(faultOf({ DATABASE_URL: databaseUrl }).message).toContain('TIDELINE_ENCRYPTION_KEYS is required');
  expect(loadConfig({ DATABASE_URL: databaseUrl, TIDELINE_ENCRYPTION_KEYS: goodKeys }).databaseUrl).toBe(
    databaseUrl,
  );
  expect(faultOf({ DATABASE_URL: 'postgres://u:p/w@h:5432/db' }).message).toContain('percent-encoded');
});

test('addresses of the program itself', () => {
  expect(loadConfig({ HOST: '0.0.0.0', PORT: '8080' }).publicUrl).toBe('http://127.0.0.1:8080');
  expect(loadConfig({ HOST: '::1' }).publicUrl).toBe('http://[::1]:3000');
  expect(loadConfig({ TIDELINE_PUBLIC_URL: 'https://tideline.example.com/' }).publicUrl).toBe(
    'https://tideline.example.com',
  );
  expect(faultOf({ TIDELINE_PUBLIC_URL: 'https://example.com/tideline' }).message).toContain(
    'TIDELINE_PUBLIC_URL',
  );
});

test('every example is accepted', () => {
  const examples = Object.fromEntries(
    Object.entries(variableFacts).map(([name, { example }]) => [name, example]),
  );
  expect(() => loadConfig({ ...examples, TIDELINE_ENCRYPTION_KEYS: goodKeys })).not.toThrow();
});

test('docs/configuration.md has one row for every variable, with its default and an example', () => {
  const defaults = environmentSchema.parse({});
  const page = readFileSync(join(packageRoot, 'docs/configuration.md'), 'utf8');
  const rows = new Map(
    [...page.matchAll(/^\| `([A-Z_]+)`(.*?) \| (.*?) \| (.*) \| `(.*)` \|$/gm)].map((row) => [
      row[1],
      { names: row[2], standard: row[3], meaning: row[4], example: row[5] },
    ]),
  );
  expect([...rows.keys()]).toEqual(Object.keys(variableFacts));
  for (const [name, facts] of Object.entries(variableFacts)) {
    const row = rows.get(name);
    expect(row?.example, name).toBe(facts.example);
    for (const alias of facts.aliases ?? []) expect(row?.names, name).toContain(`\`${alias}\``);
    const standard = defaults[name as keyof typeof defaults];
    const isFolder = name.endsWith('_DIR');
    if (standard !== undefined && !isFolder) expect(row?.standard, name).toBe(`\`${String(standard)}\``);
    expect(row?.meaning?.length, name).toBeGreaterThan(20);
  }
});
