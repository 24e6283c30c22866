import { startCommand } from '../../support/command.ts';
import type { Trial } from './fault.ts';
import type { FaultRig } from './fault-rig.ts';

/** What the command line needs to find the rig's embedded servers by their data directory. */
export function embeddedEnvironment(rig: Pick<FaultRig, 'processEnvironment'>): NodeJS.ProcessEnv {
  const own = ['DATABASE_URL', 'TIDELINE_ENCRYPTION_KEYS', 'TIDELINE_TEMPORAL_UI_URL'];
  return Object.fromEntries(
    Object.entries(rig.processEnvironment).filter(
      ([name]) => !own.includes(name) && !name.startsWith('TEMPORAL_'),
    ),
  );
}

/** Starts a rig that was stopped again, as a person would: the same servers, on the same ports. */
export async function startAgain(
  trial: Trial,
  rig: FaultRig,
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  const up = startCommand(['up'], { ...embeddedEnvironment(rig), ...environment });
  trial.cleanUp(async () => {
    up.child.kill('SIGTERM');
    await up.result;
  });
  await rig.until(async () => {
    if (up.child.exitCode !== null) throw new Error(up.output());
    return up.output().includes('Tideline is ready');
  }, 'Tideline is ready again');
}
