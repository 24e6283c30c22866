import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import {
  acuityBooking,
  judgeWebhooks,
  post,
  type Signed,
  startWebhookRig,
  stripePurchase,
} from './support/webhooks.ts';

/** Ways to spoil a signature, or what it signs. */
const ways: Record<string, (webhook: Signed, header: string) => Signed> = {
  missing: (webhook, header) => withHeader(webhook, header, undefined),
  empty: (webhook, header) => withHeader(webhook, header, ''),
  truncated: (webhook, header) => withHeader(webhook, header, webhook.headers[header]?.slice(0, -2)),
  longer: (webhook, header) => withHeader(webhook, header, `${webhook.headers[header]}00`),
  'of other characters': (webhook, header) =>
    withHeader(webhook, header, webhook.headers[header]?.replaceAll(/[a-f]/g, '\u00e9')),
  huge: (webhook, header) => withHeader(webhook, header, 'v1=0,'.repeat(2_000)),
  'of a body that was encoded anew': (webhook) => ({ ...webhook, body: `${webhook.body} ` }),
  'of another body': (webhook) => ({ ...webhook, body: webhook.body.replace('1', '2') }),
};

fault(
  {
    id: 'I4',
    title: 'webhooks with wrong, missing and cut signatures, and with other bytes, are 401 and leave nothing',
  },
  async (trial) => {
    const rig = await startWebhookRig(trial);
    const tried: [Signed, string][] = [
      [stripePurchase('1'), 'stripe-signature'],
      [acuityBooking('1'), 'x-acuity-signature'],
    ];
    for (const [webhook, header] of tried) {
      for (const [name, spoil] of Object.entries(ways)) {
        expect([webhook.path, name, await post(rig, spoil(webhook, header))]).toEqual([
          webhook.path,
          name,
          401,
        ]);
      }
    }
    expect(await rig.sql`select 1 from webhook_events`).toHaveLength(0);
    return {
      done: `${Object.keys(ways).length} kinds of forged webhooks of each source`,
      verdict: await judgeWebhooks(rig, []),
    };
  },
);

function withHeader(webhook: Signed, name: string, value: string | undefined): Signed {
  const { [name]: _, ...others } = webhook.headers;
  return { ...webhook, headers: value === undefined ? others : { ...others, [name]: value } };
}
