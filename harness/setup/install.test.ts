import { afterEach, describe, expect, it, vi } from 'vitest';
import { installRequirements } from './install.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('set-up on a host without apt-get', () => {
  it('names what is missing, and the programs to install by other means, in place of a stack', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const error = await installRequirements('run', () => undefined).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error?.name).toBe('SetupError');
    expect(error?.message).toMatch(
      /^this host lacks QEMU, .*, and it has no apt-get: expected Debian 13 or Ubuntu 24\.04\n/,
    );
    expect(error?.message).toMatch(/\n {2}to fix it, install what provides .*qemu-system-x86_64/);
  });
});
