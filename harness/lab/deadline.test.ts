import { describe, expect, it } from 'vitest';
import { DeadlineError, within } from './deadline.ts';

describe('within', () => {
  it('hands a value through', async () => {
    await expect(within('tftp on host-207', 1000, Promise.resolve(42))).resolves.toBe(42);
  });

  it('names the step, both times and what was seen last', async () => {
    const never = new Promise(() => undefined);
    const error: unknown = await within('smb on host-207', 20, never, () => 'port 445 refused').catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DeadlineError);
    expect((error as Error).message).toMatch(
      /^smb on host-207: not ready after 0\.\d s of 0\.0 s; last seen: port 445 refused$/,
    );
  });

  it('keeps the error of what it waited for', async () => {
    await expect(within('dhcp', 1000, Promise.reject(new Error('address in use')))).rejects.toThrow('address in use');
  });
});
