import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { postStart } from './support/requests.ts';

fault(
  {
    id: 'A5',
    title: 'SIGKILL of the API after a start was stored, before its answer: the repeat finds that run',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_500, seed });
    // The run must still be on when it is asked for again.
    const idle = rig.signal('worker', 'SIGSTOP');
    // While Temporal is frozen the API has stored the run and waits: it can be killed between the two.
    const frozen = rig.signal('temporal', 'SIGSTOP');
    const lost = postStart(rig, { key: 'start-1' });
    await rig.until(async () => (await runs()).length === 1, 'the run is stored');
    const stored = await runs();
    await rig.kill('api');
    process.kill(frozen, 'SIGCONT');
    expect(await lost).toBeNull();
    await rig.apiIsBack();

    const again = await postStart(rig, {});
    expect(again).toMatchObject({ status: 202, body: { run_id: stored[0]?.id, already_running: true } });
    process.kill(idle, 'SIGCONT');
    expect(await rig.finished(stored[0]?.id ?? '')).toMatchObject({ status: 'completed' });
    expect(await runs()).toEqual(stored);
    return {
      done: 'API killed between storing a start and answering it, start repeated',
      verdict: await rig.verdict(),
    };

    function runs(): Promise<{ id: string }[]> {
      return rig.sql<{ id: string }[]>`select run_id as id from sync_runs`.then((rows) => [...rows]);
    }
  },
);
