// Runs the servers of a test run and ends with the process that started it, also when that one is killed.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers } from '../../dist/src/servers/index.js';

const dataDirectory = mkdtempSync(join(tmpdir(), 'tideline-test-'));
const abort = new AbortController();
let servers = null;

async function end(code) {
  abort.abort(new Error('The test run ended.'));
  await servers?.stop();
  // Where root's helper user cannot reach the folder, PostgreSQL's part of it lies elsewhere.
  rmSync(realpathSync(join(dataDirectory, 'postgres')), { recursive: true, force: true });
  rmSync(dataDirectory, { recursive: true, force: true });
  process.exit(code);
}

process.once('disconnect', () => void end(0));
process.once('SIGTERM', () => void end(0));

try {
  servers = await startServers(
    {
      host: '127.0.0.1',
      port: 0,
      dataDirectory,
      cacheDirectory: process.env.TIDELINE_CACHE_DIR || join(homedir(), '.cache', 'tideline'),
      publicUrl: 'http://127.0.0.1',
      databaseUrl: null,
      encryptionKeys: null,
    },
    (line) => console.error(line),
    {
      // The tests never run against a Temporal server of somebody's own.
      environment: Object.fromEntries(
        Object.entries({ ...process.env, TEMPORAL_CONFIG_FILE: '/nonexistent' }).filter(
          ([name]) => !name.startsWith('TEMPORAL_') || name === 'TEMPORAL_CONFIG_FILE',
        ),
      ),
      signal: abort.signal,
    },
  );
  const { databaseUrl, temporal } = servers.installation;
  process.send?.({ databaseUrl, temporalAddress: temporal.address });
} catch (error) {
  process.send?.({ error: `${error.message} ${error.action ?? ''}` });
  await end(1);
}
