import { describe, expect, it } from 'vitest';
import { smbConf } from './conf.ts';
import { smbConfigSchema } from './config.ts';

const minimal = { address: '172.22.52.207', state: '/run/lab/smb', root: '/srv/RemInst' };

describe('smbConf', () => {
  const text = smbConf(smbConfigSchema.parse(minimal));
  const value = (key: string) => new RegExp(`^  ${key} = (.*)$`, 'm').exec(text)?.[1];

  it('serves one share, read-only, to accounts and to nobody else', () => {
    expect(text.match(/^\[.*\]$/gm)).toEqual(['[global]', '[REMINST]']);
    expect(value('path')).toBe('/srv/RemInst');
    expect([value('read only'), value('guest ok'), value('map to guest'), value('restrict anonymous')]).toEqual([
      'yes',
      'no',
      'never',
      '2',
    ]);
  });

  it('lets its writers write, and nobody else', () => {
    const shared = smbConf(smbConfigSchema.parse({ ...minimal, writers: ['administrateur', 'jean luc'] }));
    expect(shared).toContain('  read only = yes\n  write list = "administrateur" "jean luc"\n');
    expect(text).not.toContain('write list');
  });

  it('keeps the SMB1 front door and DFS of a Windows server', () => {
    expect([value('server min protocol'), value('host msdfs'), value('workgroup')]).toEqual(['NT1', 'yes', 'SYSTEM']);
  });

  it('writes below its state folder only', () => {
    const folders = text.split('\n').filter((line) => / (dir|directory) = /.test(line));
    expect(folders).toHaveLength(7);
    for (const line of folders) expect(line).toContain('= /run/lab/smb/');
    expect(value('passdb backend')).toBe('tdbsam:/run/lab/smb/private/passdb.tdb');
  });

  it('listens on its own address only', () => {
    expect([value('interfaces'), value('bind interfaces only'), value('disable netbios')]).toEqual([
      '172.22.52.207/32',
      'yes',
      'yes',
    ]);
  });
});

describe('smbConfigSchema', () => {
  const message = (change: object) => smbConfigSchema.safeParse({ ...minimal, ...change }).error?.issues[0]?.message;

  it('fills in the account and share of the reference trace', () => {
    expect(smbConfigSchema.parse(minimal)).toMatchObject({
      port: 445,
      share: 'REMINST',
      workgroup: 'SYSTEM',
      accounts: [{ name: 'administrateur', password: 'Passw0rd.lab' }],
    });
  });

  it('refuses what could break out of smb.conf or of a passwd line', () => {
    expect(message({ root: '/srv\nguest ok = yes' })).toBe('expected an absolute folder');
    expect(message({ share: 'a]\n[b' })).toMatch(/^expected a share name of letters/);
    expect(message({ accounts: [{ name: 'a:b', password: 'x' }] })).toMatch(/^expected an account name without/);
    expect(message({ accounts: [{ name: 'a', password: 'x\ny' }] })).toBe(
      'expected a password without control characters',
    );
    expect(message({ accounts: [{ name: 'a', password: '' }] })).toBe('expected a password that is not empty');
  });
});
