import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Unit tests of more than ten seconds and lab tests of more than half a minute, the longest first. Files run side by
 * side, and a long one that began last is what everybody waits for. vitest learns durations by a first run, which a
 * fresh clone has not had.
 */
export const LONG_TESTS: readonly string[] = [
  'harness/run/replay/capture-faults.test.ts',
  'harness/tcpdump-wrapper/src/compression.test.ts',
  'harness/run/testing/restic-mutations.test.ts',
  'harness/verdict/mutations.test.ts',
  'harness/verdict/many-boots.test.ts',
  'harness/run/testing/multicast-mutations.test.ts',
  'servers/state/device-store.test.ts',
  'harness/run/testing/ipv6-mutations.test.ts',
  'harness/run/testing/mutations.test.ts',
  'harness/run/backup-scenarios.lab.test.ts',
  'harness/run/bundled-scenarios.lab.test.ts',
  'harness/docs/guides/guides.lab.test.ts',
  'harness/run/matrix.lab.test.ts',
  'harness/run/installation.lab.test.ts',
  'vm-images/disk-agent-cuts.lab.test.ts',
  'harness/run/capture.lab.test.ts',
  'harness/setup/package/package.lab.test.ts',
  'harness/run/least-memory.lab.test.ts',
  'harness/run/killed.lab.test.ts',
  'harness/run/management.lab.test.ts',
  'harness/run/own-image.lab.test.ts',
  'harness/qemu-wrapper/src/accelerator/decide-accelerator.lab.test.ts',
  'harness/run/ordinary-user.lab.test.ts',
  'servers/images/backups.lab.test.ts',
  'harness/run/four-clients.lab.test.ts',
];

/** Begins with the long tests; the rest follows in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files));
  }
}

export function longestFirst<T extends { readonly moduleId: string }>(files: readonly T[]): T[] {
  return files.toSorted((a, b) => place(a.moduleId) - place(b.moduleId));
}

function place(file: string): number {
  const index = LONG_TESTS.findIndex((path) => file.endsWith(`/${path}`));
  return index === -1 ? LONG_TESTS.length : index;
}
