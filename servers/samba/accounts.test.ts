import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logonInLogLine, passwdWithAccounts } from './accounts.ts';
import { withPasswd } from './passdb.ts';

it("puts the accounts before the host's users, so that a name which is both is ours", () => {
  const text = passwdWithAccounts(
    'root:x:0:0:root:/root:/bin/bash\n',
    [
      { name: 'root', password: 'p' },
      { name: 'administrateur', password: 'q' },
    ],
    { uid: 1000, gid: 1000 },
  );
  expect(text.split('\n')).toEqual([
    'root:x:1000:1000::/nonexistent:/usr/sbin/nologin',
    'administrateur:x:1000:1000::/nonexistent:/usr/sbin/nologin',
    'root:x:0:0:root:/root:/bin/bash',
    '',
  ]);
  expect(text).not.toMatch(/:[pq]:/);
});

it('binds the file in a mount namespace of its own, and changes number where setgroups is denied', () => {
  expect(withPasswd('/s/passwd', ['smbd', '-F'], false)[1].slice(-3)).toEqual(['/s/passwd', 'smbd', '-F']);
  expect(withPasswd('/s/passwd', ['smbd', '-F'], true)[1].slice(-8)).toEqual([
    '/s/passwd',
    'unshare',
    '--user',
    '--map-user=1000',
    '--map-group=1000',
    '--',
    'smbd',
    '-F',
  ]);
});

describe('logonInLogLine', () => {
  const line = (fields: object) =>
    `  {"timestamp": "2026-01-01", "type": "Authentication", "Authentication": ${JSON.stringify(fields)}}`;

  it('reads who logged on, from where, and what came of it', () => {
    expect(
      logonInLogLine(
        line({
          status: 'NT_STATUS_WRONG_PASSWORD',
          remoteAddress: 'ipv4:172.22.52.222:49152',
          clientDomain: 'SYSTEM',
          clientAccount: 'administrateur',
          passwordType: 'NTLMv2',
        }),
      ),
    ).toEqual({
      domain: 'SYSTEM',
      user: 'administrateur',
      from: '172.22.52.222',
      status: 'NT_STATUS_WRONG_PASSWORD',
      method: 'NTLMv2',
    });
  });

  it('takes other lines for what they are', () => {
    expect(logonInLogLine('smbd version 4.22 started.')).toBeUndefined();
    expect(logonInLogLine('{"timestamp": "2026", "type": "Authorization", "Authorization": {}}')).toBeUndefined();
    expect(logonInLogLine('{"timestamp": cut')).toBeUndefined();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        logonInLogLine(`{"timestamp": 1, "Authentication": ${JSON.stringify(value)}}`);
      }),
    );
  });
});
