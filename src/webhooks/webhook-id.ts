/** A webhook's number as it is shown: `whe_42`. */
export function showWebhookId(webhookKey: number): string {
  return `whe_${webhookKey}`;
}

/** The number in `whe_42`; null for what is no id of a webhook. */
export function readWebhookId(text: string): number | null {
  const digits = /^whe_(\d{1,15})$/.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}
