import type { OrderDependencies } from '../orders/dependencies.ts';

export interface ReconciliationDependencies extends OrderDependencies {
  /** Writes the counted calls of this process before a run's figures become final. */
  flush(): Promise<void>;
}
