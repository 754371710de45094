import { defineConfig } from 'vitest/config';

// Two projects: `unit` is pure and fast (no root, no QEMU); `lab` boots real clients in namespaces of its own.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // One module cache a worker, no fresh world a file: importing zod, xstate and vite's own runtime 86 times is
          // half of the CPU time. Pure tests share a world without harm; what does change it (an environment variable)
          // puts it back.
          isolate: false,
          include: ['{harness,servers,vm-images,reports,scenarios}/**/*.test.ts'],
          exclude: ['**/*.lab.test.ts', '**/node_modules/**'],
        },
      },
      {
        test: {
          name: 'lab',
          include: ['{harness,servers,vm-images,reports,scenarios}/**/*.lab.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
