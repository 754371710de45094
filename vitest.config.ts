import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './harness/setup/longest-first.ts';

/** A failed assertion names what it saw, not `[ Array(1) ]`: of some logs nothing is kept but the line of each failure. */
const chaiConfig = { truncateThreshold: 1_000 };

// Two projects: `unit` is pure and fast (no root, no QEMU); `lab` boots real clients in namespaces of its own.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          chaiConfig,
          // One module cache a worker, no fresh world a file: importing zod, xstate and vite's own runtime 86 times is
          // half of the CPU time. Pure tests share a world without harm; what does change it (an environment variable)
          // puts it back.
          isolate: false,
          // vitest's default leaves a core free, which would be one worker on two cores.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          // A property test takes a second of CPU; vitest's default of 5 s says more about other work on the host.
          testTimeout: 30_000,
          include: ['{harness,servers,vm-images,reports,scenarios}/**/*.test.ts'],
          exclude: ['**/*.lab.test.ts', '**/node_modules/**'],
        },
      },
      {
        test: {
          name: 'lab',
          chaiConfig,
          include: ['{harness,servers,vm-images,reports,scenarios}/**/*.lab.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Files side by side, one a core as `pxewright run` has its labs: a lab waits for more than half of its time,
          // and some files have two labs at once. vitest's default leaves a core free, which is one file of two cores.
          maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
          // vitest wants an order between projects whose numbers of workers differ.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
