import { loadConfig } from '../../config.ts';
import { TidelineError } from '../../errors.ts';
import { type Check, fail, messageOf, ok, type Subject } from './check.ts';
import {
  checkClock,
  checkDiskSpace,
  checkFolder,
  checkNode,
  checkPackages,
  checkPort,
  checkSecrets,
} from './machine.ts';
import { checkDatabase, checkTemporal, findInstallation } from './servers.ts';
import { checkCredentials, checkExposure } from './settings.ts';

/** Looks at everything that a start needs; changes nothing. */
export async function examine(environment: NodeJS.ProcessEnv): Promise<Check[]> {
  const checks = [checkNode(), checkPackages()];
  let subject: Subject;
  try {
    subject = { config: loadConfig(environment), environment };
    checks.push(ok('Configuration', 'every variable is well-formed'));
  } catch (error) {
    if (!(error instanceof TidelineError)) throw error;
    return [...checks, fail('Configuration', error.message, error.action ?? 'Correct the environment.')];
  }
  const { config } = subject;
  const parts: [name: string, run: () => Check | Check[] | Promise<Check | Check[]>][] = [
    ['TikTok app', () => checkCredentials(subject)],
    ['Exposure', () => checkExposure(subject)],
    ['Data directory', () => checkFolder('Data directory', config.dataDirectory, 'TIDELINE_DATA_DIR')],
    ['Secrets', () => checkSecrets(subject)],
    ['Cache directory', () => checkFolder('Cache directory', config.cacheDirectory, 'TIDELINE_CACHE_DIR')],
    ['Disk space', () => checkDiskSpace(subject)],
    ['Port', () => checkPort(subject)],
    [
      'Servers',
      async () => {
        const installation = await findInstallation(subject);
        return [...(await checkDatabase(subject, installation)), await checkTemporal(subject, installation)];
      },
    ],
    ['Clock', () => checkClock(subject)],
  ];
  for (const [name, run] of parts) {
    try {
      checks.push(...[await run()].flat());
    } catch (error) {
      // One part that cannot be looked at must not hide the others.
      const action = error instanceof TidelineError ? error.action : undefined;
      checks.push(fail(name, messageOf(error), action ?? 'Correct it and look again.'));
    }
  }
  return checks;
}
