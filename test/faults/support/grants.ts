import type { FaultRig } from './fault-rig.ts';

/** Refreshes of tokens that the simulator was asked for. */
export async function refreshes(rig: FaultRig): Promise<number> {
  return (await rig.journal()).filter(({ route }) => route === 'token_refresh').length;
}
