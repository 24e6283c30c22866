import type { BackupProgress } from '../backup/write-backup.ts';
import type { CommandContext } from './context.ts';
import { createProgress } from './progress.ts';

/** Shows how many rows of a backup are through, and which table is on. */
export function rowsProgress(context: CommandContext): {
  update(progress: BackupProgress): void;
  end(): void;
} {
  const display = createProgress({ output: context.stderr, environment: context.environment, unit: 'rows' });
  const startedAt = performance.now();
  return {
    update({ done, expected, table }) {
      const seconds = (performance.now() - startedAt) / 1000;
      const ratePerSecond = seconds > 0 ? done / seconds : 0;
      const etaSeconds = ratePerSecond > 0 ? (expected - done) / ratePerSecond : null;
      display.update('rows', { done, expected, ratePerSecond, etaSeconds, note: table });
    },
    end: display.end,
  };
}
