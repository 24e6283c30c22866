// `tideline up` with stand-ins for the worker and the API, for tests of the supervision itself.
import { fileURLToPath } from 'node:url';
import { runUp } from '../../dist/src/cli/commands/up.js';

const port = Number(process.env.PORT);
const config = {
  host: '127.0.0.1',
  port,
  dataDirectory: process.env.TIDELINE_DATA_DIR,
  cacheDirectory: process.env.TIDELINE_CACHE_DIR,
  publicUrl: `http://127.0.0.1:${port}`,
  databaseUrl: null,
  encryptionKeys: null,
  apiKey: null,
};
const stub = (name) => fileURLToPath(new URL(`./stub-${name}.mjs`, import.meta.url));

try {
  const running = await runUp(config, {
    report: (line) => console.log(line),
    logs: 'data-directory',
    scripts: { worker: stub('worker'), api: stub('api') },
  });
  console.log(`READY ${JSON.stringify({ ...running.installation, firstKey: running.firstKey !== null })}`);
  await running.ended;
  process.exit(0);
} catch (error) {
  console.log(`ERROR ${error.code ?? ''} ${error.message}`);
  process.exit(error.code === 'interrupted' ? 0 : 1);
}
