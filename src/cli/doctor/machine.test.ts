import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../config.ts';
import type { Check } from './check.ts';
import { checkPort } from './machine.ts';

/** What the doctor says of a port on which this answers. */
async function checkPortOf(answer: RequestListener): Promise<Check> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const environment = {
    PORT: String((server.address() as AddressInfo).port),
    TIDELINE_DATA_DIR: join(tmpdir(), 'tideline-where-nothing-runs'),
  };
  try {
    return await checkPort({ config: loadConfig(environment), environment });
  } finally {
    server.close();
  }
}

test('a port is in order where an API of Tideline listens, though it locks no data directory', async () => {
  const check = await checkPortOf((_request, response) => response.end('{"status":"live"}'));
  expect(check).toMatchObject({ status: 'ok', action: null });
});

test.each([
  ['text', 'Hello'],
  ['other JSON', 'null'],
])('a port is taken where another program answers %s', async (_what, said) => {
  const check = await checkPortOf((_request, response) => response.end(said));
  expect(check).toMatchObject({ status: 'fail', action: expect.stringContaining('PORT') });
});
