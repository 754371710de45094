import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountsLdif } from './directory-accounts.ts';
import { directoryConf } from './directory-conf.ts';
import { directoryConfigSchema } from './directory-config.ts';

const minimal = { address: '172.22.52.207', provision: '/srv/domain', state: '/run/lab/ad' };
const parsed = (change: object = {}) => directoryConfigSchema.parse({ ...minimal, ...change });

describe('directoryConf', () => {
  const text = directoryConf(
    parsed({
      endpointMapper: false,
      shares: [
        { name: 'REMINST', root: '/srv/RemInst' },
        { name: 'Upload', root: '/srv/up', writable: true },
      ],
    }),
  );
  const values = (key: string) => [...text.matchAll(new RegExp(`^  ${key} = (.*)$`, 'gm'))].map((match) => match[1]);

  it("is a domain controller with the shares of a domain and the scenario's, read-only unless it says otherwise", () => {
    expect(text.match(/^\[.*\]$/gm)).toEqual(['[global]', '[sysvol]', '[netlogon]', '[REMINST]', '[Upload]']);
    expect([values('server role'), values('realm'), values('netbios name')]).toEqual([
      ['active directory domain controller'],
      ['SYSTEM.LAB'],
      ['WDS'],
    ]);
    expect(values('read only')).toEqual(['no', 'no', 'yes', 'no']);
  });

  it('keeps the front door of the reference trace, its own address, and port 135 for whoever asked for it', () => {
    expect([
      values('server min protocol'),
      values('host msdfs'),
      values('interfaces'),
      values('dcerpc endpoint servers'),
    ]).toEqual([['NT1'], ['yes'], ['172.22.52.207/32'], ['-epmapper']]);
    expect(directoryConf(parsed())).not.toContain('epmapper');
  });

  it('writes below its state folder only, and forwards no names', () => {
    for (const folder of [...text.matchAll(/^ {2}.* (?:dir|directory) = (.*)$/gm)])
      expect(folder[1]).toMatch(/^\/run\/lab\/ad\//);
    expect(values('dns forwarder')).toEqual(['']);
  });
});

describe('accountsLdif', () => {
  const records = (change: object) =>
    accountsLdif(parsed(change), Date.UTC(2026, 0, 1))
      .split('\n\n')
      .map((record) => record.trim());
  const decoded = (record: string) =>
    record.replace(
      /^(\w+):: (\S+)$/gm,
      (_, name: string, value: string) =>
        `${name}: ${Buffer.from(value, 'base64').toString(name === 'unicodePwd' ? 'utf16le' : 'utf8')}`,
    );

  it('adds a user whose password never expires, and makes an administrator a member of Domain Admins', () => {
    const [added = '', member = '', ...more] = records({
      users: [{ name: 'administrateur', password: 'pä"ss', administrator: true }],
    }).map(decoded);
    expect(added).toBe(
      'dn: CN=administrateur,CN=Users,DC=system,DC=lab\nchangetype: add\nobjectClass: user\nsAMAccountName: administrateur\nuserPrincipalName: administrateur@system.lab\nuserAccountControl: 66048\nunicodePwd: "pä"ss"',
    );
    expect(member).toContain('add: member\nmember: CN=administrateur,CN=Users,DC=system,DC=lab');
    expect(more).toEqual([]);
  });

  it('locks and expires with the times that a directory keeps', () => {
    const all = records({
      users: [
        { name: 'a', password: 'p', locked: true },
        { name: 'b', password: 'p', expired: true },
      ],
    });
    // 2026-01-01 and 2020-01-01 as FILETIME.
    expect(all[1]).toContain('replace: lockoutTime\nlockoutTime: 134116992000000000');
    expect(all[2]).toContain('userAccountControl: 512');
    expect(all[3]).toContain('replace: pwdLastSet\npwdLastSet: 132223104000000000');
  });

  it('prestages computers', () => {
    expect(decoded(records({ users: [], computers: [{ name: 'pc01' }] })[0] ?? '')).toContain(
      'objectClass: computer\nsAMAccountName: PC01$\nuserAccountControl: 4128',
    );
  });

  it('makes the units that computers are in, outer ones first and each once', () => {
    const computers = ['PC01', 'PC02'].map((name) => ({
      name,
      organizationalUnit: 'OU=Rooms,OU=Lab,DC=system,DC=lab',
    }));
    expect(records({ users: [], computers }).map((record) => decoded(record).split('\n')[0])).toEqual([
      'dn: OU=Lab,DC=system,DC=lab',
      'dn: OU=Rooms,OU=Lab,DC=system,DC=lab',
      'dn: CN=PC01,OU=Rooms,OU=Lab,DC=system,DC=lab',
      'dn: CN=PC02,OU=Rooms,OU=Lab,DC=system,DC=lab',
    ]);
  });

  it('lets no name or password end a line or a DN', () => {
    const hostile = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(hostile, hostile, (name, password) => {
        const checked = directoryConfigSchema.safeParse({ ...minimal, users: [{ name, password }] });
        if (!checked.success) return;
        const lines = accountsLdif(checked.data, 0).trim().split('\n');
        expect(lines).toHaveLength(7);
        for (const line of lines) expect(line).toMatch(/^[a-zA-Z]+::? [\x20-\x7e]+$/);
      }),
      { numRuns: 40 },
    );
  });
});
