import { isSignedByAcuity } from '../sources/acuity/signature.ts';
import { readAcuityWebhook } from '../sources/acuity/webhook.ts';
import { readStripeEvent, stripePatience } from '../sources/stripe/event.ts';
import { isSignedByStripe } from '../sources/stripe/signature.ts';

export const webhookSources = ['acuity', 'stripe'] as const;
export type WebhookSource = (typeof webhookSources)[number];

/** What a webhook says of itself. */
export interface WebhookFacts {
  /** The source's id of it; null where it gives none, so that only its body tells it apart. */
  id: string | null;
  topic: string;
  /** Milliseconds that it waits for others that say more. */
  patience: number;
}

export interface WebhookReader {
  /** Whether the header signs these bytes. False also when nothing is set to check it with. */
  isSigned(body: Buffer, header: (name: string) => string | undefined, now: number): boolean;
  /** Null when it is nothing that the source sends. */
  read(body: Buffer): WebhookFacts | null;
  /** Whether a repeat is worked on like the first: it may tell of something new in the same words. */
  looksAgain: boolean;
}

export interface WebhookSecrets {
  acuityApiKey: string | null;
  stripeSecrets: readonly string[];
}

/** How webhooks of each source are told apart from forged ones, and read. */
export function createWebhookReaders(secrets: WebhookSecrets): Record<WebhookSource, WebhookReader> {
  const { acuityApiKey, stripeSecrets } = secrets;
  return {
    acuity: {
      isSigned: (body, header) =>
        acuityApiKey !== null && isSignedByAcuity(body, header('x-acuity-signature'), acuityApiKey),
      read(body) {
        const webhook = readAcuityWebhook(body);
        return webhook === null ? null : { id: null, topic: webhook.action, patience: 0 };
      },
      looksAgain: true,
    },
    stripe: {
      isSigned: (body, header, now) => isSignedByStripe(body, header('stripe-signature'), stripeSecrets, now),
      read(body) {
        const event = readStripeEvent(body);
        return event === null ? null : { id: event.id, topic: event.type, patience: stripePatience(event) };
      },
      looksAgain: false,
    },
  };
}
