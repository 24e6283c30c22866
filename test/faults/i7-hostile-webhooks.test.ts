import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import {
  judgeWebhooks,
  post,
  settled,
  startWebhookRig,
  stripePurchase,
  stripeSecret,
} from './support/webhooks.ts';

const rounds = 10;
/** What garbage of one round may leave; the bodies of all rounds together are several times as much. */
const largestGrowth = 200 * 1024 * 1024;

fault(
  { id: 'I7', title: 'huge, endless, slow and deep bodies are cut by a limit, and memory stays flat' },
  async (trial) => {
    const rig = await startWebhookRig(trial);
    const slow = dripHead(rig);
    expect(await post(rig, stripePurchase('1'))).toBe(200);
    const before = residentBytes(rig.pidOf('api'));
    for (let round = 0; round < rounds; round += 1) {
      const huge = Array.from({ length: 10 }, () => post(rig, signed('x'.repeat(2 << 20))));
      // The answer may come before the body is sent: then the connection is cut under the sender.
      for (const status of await Promise.all(huge)) expect([413, null]).toContain(status);
      expect(await sendWithoutEnd(rig)).toMatch(/^HTTP\/1\.1 413 |^$/);
      const deep = `{"id":"evt_deep","type":"x","created":1,"data":{"object":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}}`;
      expect(await post(rig, signed(deep))).toBe(200);
      expect(await post(rig, signed('['.repeat(900_000)))).toBe(400);
    }
    const grown = residentBytes(rig.pidOf('api')) - before;
    expect(grown).toBeLessThan(largestGrowth);
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
    expect(await post(rig, stripePurchase('2'))).toBe(200);
    await settled(rig);
    return {
      done: `${rounds} rounds of huge, endless and deep bodies, and a head that drips`,
      verdict: await judgeWebhooks(rig, ['cs_1', 'cs_2']),
      note: `the API grew by ${Math.round(grown / 1024 / 1024)} MB`,
    };
  },
);

function signed(body: string) {
  const at = Math.floor(Date.now() / 1_000);
  const signature = createHmac('sha256', stripeSecret).update(`${at}.${body}`).digest('hex');
  const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` };
  return { path: '/webhooks/stripe' as const, body, headers };
}

const head = (rig: FaultRig): string =>
  `POST /webhooks/stripe HTTP/1.1\r\nHost: ${new URL(rig.apiUrl).host}\r\n`;

/** Begins a request and sends a byte of its head every second; what the server says when it has had enough. */
function dripHead(rig: FaultRig): Promise<string> {
  return talk(rig, (write) => {
    write(head(rig));
    const timer = setInterval(() => write('x'), 1_000);
    return () => clearInterval(timer);
  });
}

/** Sends chunks until the server ends it; the first words of what it says. */
function sendWithoutEnd(rig: FaultRig): Promise<string> {
  return talk(rig, (write) => {
    write(`${head(rig)}Transfer-Encoding: chunked\r\nStripe-Signature: t=1,v1=0\r\n\r\n`);
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const timer = setInterval(() => write(chunk), 1);
    return () => clearInterval(timer);
  });
}

function talk(rig: FaultRig, begin: (write: (text: string) => void) => () => void): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(rig.apiUrl);
    const socket = connect(Number(port), hostname);
    let said = '';
    const stop = begin((text) => void (socket.writable && socket.write(text)));
    socket.on('data', (part) => {
      said += part.toString();
      socket.destroy();
    });
    // Cut off by the server while we were still writing.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      stop();
      resolve(said);
    });
  });
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
