import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moduleClosure, moduleName, modulesAlias, modulesDep, readModuleInfo } from './kernel-modules.ts';
import type { PlacedModule } from './kernel-modules.ts';

function module(name: string, depends: string[] = [], softDepends: string[] = []): PlacedModule {
  return {
    name,
    path: `kernel/${name}.ko`,
    data: Buffer.alloc(0),
    info: { depends, softDepends, aliases: [`pci:${name}*`] },
  };
}

/** A minimal ELF object: header, string table, .modinfo, two section headers. */
function elfWith(modinfo: string): Buffer {
  const names = Buffer.from('\0.shstrtab\0.modinfo\0');
  const body = Buffer.from(modinfo, 'latin1');
  const table = 64 + names.length + body.length;
  const elf = Buffer.alloc(table + 2 * 64);
  elf.writeUInt32BE(0x7f454c46, 0);
  elf.writeBigUInt64LE(BigInt(table), 0x28);
  elf.writeUInt16LE(64, 0x3a);
  elf.writeUInt16LE(2, 0x3c);
  names.copy(elf, 64);
  body.copy(elf, 64 + names.length);
  const header = (index: number, name: number, offset: number, size: number) => {
    elf.writeUInt32LE(name, table + index * 64);
    elf.writeBigUInt64LE(BigInt(offset), table + index * 64 + 0x18);
    elf.writeBigUInt64LE(BigInt(size), table + index * 64 + 0x20);
  };
  header(0, 1, 64, names.length);
  header(1, 11, 64 + names.length, body.length);
  return elf;
}

describe('readModuleInfo', () => {
  it('reads what a module depends on and which devices it drives', () => {
    const info = readModuleInfo(
      elfWith('license=GPL\0alias=pci:v00008086*\0depends=mii,net-failover\0softdep=pre: crc32c post: x\0'),
    );
    expect(info).toEqual({
      depends: ['mii', 'net_failover'],
      softDepends: ['crc32c', 'x'],
      aliases: ['pci:v00008086*'],
    });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readModuleInfo(bytes);
      }),
    );
    const whole = elfWith('depends=a\0');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(whole);
        damaged[at] = value;
        readModuleInfo(damaged);
      }),
    );
  });
});

it('treats a dash as an underscore and drops the extension', () => {
  expect(moduleName('kernel/drivers/net/ne2k-pci.ko.xz')).toBe('ne2k_pci');
});

describe('moduleClosure', () => {
  const all = new Map(
    [module('cifs', ['netfs'], ['md5']), module('netfs', ['fscache']), module('fscache'), module('md5')].map((item) => [
      item.name,
      item,
    ]),
  );
  const find = (name: string) => Promise.resolve(all.get(name));

  it('puts every dependency, hard or soft, before the module that needs it', async () => {
    const names = (await moduleClosure(['cifs'], find, () => false)).map((item) => item.name);
    expect(names).toEqual(['fscache', 'netfs', 'cifs', 'md5']);
  });

  it('leaves out built-in modules', async () => {
    expect((await moduleClosure(['netfs'], find, (name) => name === 'fscache')).map((item) => item.name)).toEqual([
      'netfs',
    ]);
  });

  it('names the missing module and the one that needs it', async () => {
    all.set('broken', module('broken', ['nowhere']));
    await expect(moduleClosure(['broken'], find, () => false)).rejects.toThrow(
      'kernel module nowhere, which broken needs, is neither',
    );
  });
});

it('writes modules.dep so that loading from the right satisfies every dependency', () => {
  // a needs b and c, b needs d, c needs d: d must be right of both.
  const text = modulesDep([module('d'), module('c', ['d']), module('b', ['d']), module('a', ['b', 'c'])]);
  const line =
    text
      .split('\n')
      .find((candidate) => candidate.startsWith('kernel/a.ko:'))
      ?.split(' ')
      .slice(1) ?? [];
  expect([...line].sort()).toEqual(['kernel/b.ko', 'kernel/c.ko', 'kernel/d.ko']);
  expect(line.at(-1)).toBe('kernel/d.ko');
});

it('writes modules.alias for modprobe', () => {
  expect(modulesAlias([module('e1000')])).toBe('alias pci:e1000* e1000\n');
});
