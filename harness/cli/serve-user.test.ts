import { expect, it } from 'vitest';
import { commandUser } from './serve-user.ts';

it.each(['1e3', '0x3e8', '1.5', '-1'])('takes "%s" for a name, not for a number', async (who) => {
  await expect(commandUser(`${who}:1000`)).rejects.toThrow(
    `--user: expected a user of this host, got "${who}", whom it does not know`,
  );
});
