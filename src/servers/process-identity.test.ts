import { describe, expect, it } from 'vitest';
import { identifyProcess, isRunning, signalProcess } from './process-identity.ts';

describe('the identity of a process', () => {
  const self = identifyProcess(process.pid);

  it('is the same each time it is read', () => {
    expect(self).not.toBeNull();
    expect(identifyProcess(process.pid)).toEqual(self);
  });

  it('is not that of a later process with the same pid, which is never signalled', () => {
    const earlier = { pid: process.pid, started: 'another time' };
    expect(isRunning(earlier)).toBe(false);
    expect(signalProcess(earlier, 'SIGKILL')).toBe(false);
  });
});
