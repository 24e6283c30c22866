export { dataRetention } from './data-retention.ts';
export { orderRefresh } from './order-refresh.ts';
export { orderRollUp } from './order-roll-up.ts';
export { orderSync } from './order-sync.ts';
export { reconciliation } from './reconciliation.ts';
export { shopErasure } from './shop-erasure.ts';
export { syncStarter } from './sync-starter.ts';
export { tokenRefresh } from './token-refresh.ts';
