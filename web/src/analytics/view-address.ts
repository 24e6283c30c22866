import { addressWith } from '../use-address.ts';

/** Of the address: what belongs to one view, and not to the next one. */
const ofView = [
  ...['search', 'status', 'min_gmv', 'brand', 'stock_below', 'sort', 'order', 'metric', 'channel'],
  ...['product', 'sku', 'video', 'live', 'run', 'stream', 'period', 'ranking', 'time_slot', 'day'],
];

/** Leaves out of the address what belongs to the view that is shown. */
export const nothingOfView: Readonly<Record<string, null>> = Object.fromEntries(
  ofView.map((name) => [name, null]),
);

/** The address of another view, of the same shop and days, with what is to be shown there. */
export function viewAddress(view: string, shown: Readonly<Record<string, string | null>> = {}): string {
  return addressWith({ ...nothingOfView, view, ...shown });
}
