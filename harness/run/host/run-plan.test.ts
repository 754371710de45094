import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { rerunCommands } from './run-plan.ts';

/** The words that a shell makes of the command. */
async function words(command: string | undefined): Promise<string[]> {
  const { stdout } = await execa('sh', ['-c', `npm() { printf '%s\\n' "$@"; }; ${command ?? ''}`]);
  return stdout.split('\n');
}

describe('the command that runs a scenario again', () => {
  it.each(['scenarios/wds/install-bios.yaml', "a b/it's $(touch x); #1.yaml", '`x`.yaml', '-x.yaml'])(
    'is one that a shell takes for %s',
    async (file) => {
      const [command] = rerunCommands({ file, matrix: { firmware: 'uefi', nic: 'virtio-net-pci' } });
      expect(await words(command)).toEqual([
        ...['run', '-s', 'pxewright', '--', 'run', file.startsWith('-') ? `./${file}` : file],
        ...['--matrix', 'firmware=uefi', '--matrix', 'nic=virtio-net-pci'],
      ]);
    },
  );

  it('allows again what was allowed', async () => {
    const [command] = rerunCommands({ file: 'x.yaml', matrix: {}, allowRoots: ['/usr/lib/ipxe', "it's here"] });
    expect((await words(command)).slice(-4)).toEqual(['--allow-root', '/usr/lib/ipxe', '--allow-root', "it's here"]);
  });

  it('allows programs again that it ran', async () => {
    const ready = { udp: 67 };
    const programs = [{ name: 'own', host: 'host-207', command: ['own'], folder: '/', ready }];
    const [command] = rerunCommands({ file: 'x.yaml', matrix: {}, programs });
    expect((await words(command)).slice(-2)).toEqual(['x.yaml', '--allow-programs']);
  });

  it('is as plain as it may be', () => {
    expect(rerunCommands({ file: 'scenarios/pxe/menu.yaml', matrix: {} })).toEqual([
      'npm run -s pxewright -- run scenarios/pxe/menu.yaml',
    ]);
  });
});
