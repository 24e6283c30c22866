import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'web/src/**/*.test.ts',
            'encryption/**/*.test.ts',
            'simulator/**/*.test.ts',
            'test/architecture.test.ts',
            'test/fault-list.test.ts',
          ],
          testTimeout: 20_000,
          // Groups run one after the other; each may then have its own number of workers.
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/architecture.test.ts',
            'test/fault-list.test.ts',
            'test/faults/**',
            '**/node_modules/**',
          ],
          globalSetup: ['test/support/global-setup.ts'],
          pool: 'forks',
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/support/build-program.ts'],
          pool: 'forks',
          // Every test is an installation of five processes.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
