export { orderSync } from './order-sync.ts';
export { syncStarter } from './sync-starter.ts';
export { tokenRefresh } from './token-refresh.ts';
