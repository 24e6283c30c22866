import { expect } from 'vitest';
import type { AuditEntry } from '../../src/db/queries/audit-log.ts';
import { createCaller, syncEveryShop } from './support/caller.ts';
import { fault } from './support/fault.ts';

fault(
  { id: 'K8', title: 'guessing keys: the address waits, every refusal reads the same, and each is noted' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 100, seed });
    await syncEveryShop(rig);
    const caller = await createCaller(rig);
    const { key, id } = await caller.makeKey(['read']);
    const revoked = await caller.makeKey(['read']);
    expect((await caller.ask(`/api/v1/api_keys/${revoked.id}`, { method: 'DELETE' })).status).toBe(204);
    const signIn = (guess: string) =>
      caller.ask('/api/v1/session', { method: 'POST', key: null, body: { key: guess } });
    const refusals: string[] = [];
    // Unknown, misspelt, revoked, cut short, and of another shape.
    const guesses = [`${key.slice(0, -1)}!`, `tdl_${'A'.repeat(49)}`, revoked.key, key.slice(0, 20), 'guess'];
    for (let nth = 0; nth < 10; nth += 1) {
      const response = await signIn(guesses[nth % guesses.length] ?? '');
      const text = (await response.text()).replace(/"request_id":"[^"]*"/, '');
      refusals.push(`${response.status} ${text}`);
    }
    expect(new Set(refusals).size).toBe(1);
    expect(refusals[0]).toMatch(/^401 /);
    for (const guess of ['another', key]) {
      const waiting = await signIn(guess);
      expect([waiting.status, Number(waiting.headers.get('retry-after')) > 0]).toEqual([429, true]);
    }

    const bearer = async (guess: string) => (await caller.ask('/api/v1/shops', { key: guess })).status;
    const statuses: number[] = [];
    for (let nth = 0; nth < 60; nth += 1) statuses.push(await bearer(`guess-${nth}`));
    expect(statuses).toEqual([...Array(50).fill(401), ...Array(10).fill(429)]);
    // Whoever has a right key works on, also from the guesser's address.
    expect(await bearer(key)).toBe(200);

    const answer = await caller.ask('/api/v1/audit_log?outcome=refused&limit=500');
    const { data } = (await answer.json()) as { data: AuditEntry[] };
    const counted = (action: string) => data.filter((entry) => entry.action === action).length;
    expect([counted('signIn'), counted('authenticate')]).toEqual([10, 50]);
    expect(JSON.stringify(data)).not.toMatch(/tdl_|guess/);
    expect(data.every((entry) => entry.key_id !== id)).toBe(true);
    return { done: '12 sign-ins and 60 bearer keys guessed', verdict: await rig.verdict() };
  },
);
