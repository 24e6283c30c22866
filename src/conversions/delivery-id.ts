/** A delivery's number as it is shown: `dlv_42`. */
export function showDeliveryId(deliveryId: number): string {
  return `dlv_${deliveryId}`;
}

/** The number in `dlv_42`; null for what is no id of a delivery. */
export function readDeliveryId(text: string): number | null {
  const digits = /^dlv_(\d{1,15})$/.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}
