import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../src/paths.ts';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'K3',
    title: 'requests made up from the OpenAPI document: no 5xx, and every answer is as the document says',
    /** Seconds that the requests take. */
    times: { quick: 150, full: 600 },
    // A step of its own in .ci/run.
    long: true,
  },
  async ({ seed, times, cleanUp }) => {
    const script = join(packageRoot, 'tools', 'api-check.mjs');
    const check = spawn(process.execPath, [script, '--seed', String(seed), '--seconds', String(times)], {
      stdio: 'inherit',
    });
    cleanUp(() => void check.kill('SIGINT'));
    const [code] = await once(check, 'exit');
    const differences = code === 0 ? [] : [`The check ended with ${code}: see its own report.`];
    return {
      done: `requests made up by Schemathesis for ${times} s, every answer held against the document`,
      verdict: { lost: 0, doubled: 0, refetched: null, differences },
    };
  },
);
