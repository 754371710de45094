import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { replayCapture } from '../run/replay/replay.ts';
import { recordCapture } from './record-capture.ts';
import { recorded as recordedFile, type Made } from './testing/record-frames.ts';

// Captures of QEMU's iPXE and of EDK2 against dnsmasq; the bulk of their files is cut off as a lab's own evidence is.

const captureOf = (name: string): string => fileURLToPath(new URL(`../observe/testdata/${name}.pcap`, import.meta.url));
const CLIENT = '52:54:00:77:00:01';

const recorded = <T>(name: string, look: (made: Made) => T, options?: Parameters<typeof recordedFile<T>>[2]) =>
  recordedFile(captureOf(name), look, options);

const NETWORK = { subnet: '10.77.0.0/24' };
const DHCP = { at: '10.77.0.1', reservations: { pc: '10.77.0.100' }, lease: '10m' };
const BIOS = { name: 'pc', mac: CLIENT, firmware: 'bios', nic: 'e1000', memory: '512MiB' };

/** What each capture is made into; of `services` all of them, by name. */
const CAPTURES: readonly (readonly [name: string, services: readonly string[], scenario: object])[] = [
  [
    'bios-nodhcp',
    [],
    {
      clients: [BIOS],
      steps: [{ 'dhcp.discover': { arch: 0, userClass: 'iPXE' } }],
      'expect-failure': { step: 'dhcp.offer', cause: 'dhcp-silent' },
    },
  ],
  [
    'bios-nobootfile',
    ['dhcp'],
    {
      network: NETWORK,
      services: { dhcp: { ...DHCP, 'next-server': '10.77.0.1' } },
      'expect-failure': { step: 'tftp.read-request', cause: 'no-boot-file' },
    },
  ],
  [
    'bios-wrongserver',
    ['dhcp'],
    {
      network: NETWORK,
      services: { dhcp: { ...DHCP, bootfile: 'undionly.kpxe', 'next-server': '10.77.0.99' } },
      'expect-failure': { step: 'tftp.read-request', cause: 'arp-silent' },
    },
  ],
  [
    'bios-tftpdown',
    ['dhcp'],
    {
      services: { dhcp: { ...DHCP, bootfile: 'undionly.kpxe', 'next-server': '10.77.0.1' } },
      'expect-failure': { step: 'tftp.read-request', cause: 'port-unreachable' },
    },
  ],
  [
    'sll-tftp-only',
    ['dhcp', 'tftp'],
    {
      network: NETWORK,
      services: { dhcp: { reservations: DHCP.reservations, bootfile: 'undionly.kpxe', 'next-server': '10.77.0.1' } },
    },
  ],
  [
    'bios-proxy',
    ['dhcp', 'pxe', 'tftp'],
    {
      network: NETWORK,
      services: {
        dhcp: { ...DHCP, at: '10.77.0.2' },
        pxe: {
          at: '10.77.0.1',
          bootfile: 'undionly.0',
          menu: { timeout: '0s', entries: [{ name: 'zoo', type: 32_768 }] },
        },
        tftp: { at: '10.77.0.1' },
      },
      'expect-failure': { step: 'tftp.error', cause: 'boot-file-missing' },
    },
  ],
  [
    'bios-tftp-singleport',
    ['dhcp', 'tftp'],
    {
      services: { tftp: { at: '10.77.0.1', 'single-port': true } },
      steps: expect.arrayContaining([
        {
          'tftp.transfer': { path: 'undionly.kpxe', server: '10.77.0.1', bytes: 108_847, blksize: 1432, windowsize: 1 },
        },
      ]) as unknown,
    },
  ],
  [
    'efi-tftp-portfilter',
    ['dhcp', 'http', 'tftp'],
    {
      services: { dhcp: { bootfile: 'snponly.efi', 'user-classes': { iPXE: 'http://10.77.0.1/boot.ipxe' } } },
      clients: [{ firmware: 'uefi' }],
    },
  ],
  [
    'efi-http',
    ['dhcp', 'http'],
    {
      services: {
        dhcp: { bootfiles: { 'uefi-x64-http': 'http://10.77.0.1/snponly.efi' }, 'vendor-class': 'HTTPClient' },
      },
      clients: [{ firmware: 'uefi' }],
      steps: expect.arrayContaining([
        { 'http.get': { path: '/snponly.efi', server: '10.77.0.1', status: 200, bytes: 284_672 } },
      ]) as unknown,
    },
  ],
];

describe('a scenario made from a capture', () => {
  it.each(CAPTURES)('says what %s shows, and can be run', async (name, services, expected) => {
    await recorded(name, ({ scenario, plan }) => {
      expect(Object.keys(scenario.services).toSorted()).toEqual(services);
      expect(scenario).toMatchObject(expected);
      expect(plan.clients.map(({ mac }) => mac)).toEqual([CLIENT]);
    });
  });

  it.each(CAPTURES)('expects the first failure of %s, or none', async (name) => {
    const { scenarios } = await replayCapture(captureOf(name));
    const failed = scenarios[0]?.clients[0]?.steps.find(({ verdict }) => verdict === 'failed');
    const expected = failed && { step: failed.step, ...(failed.cause === undefined ? {} : { cause: failed.cause }) };
    await recorded(name, ({ scenario, recording }) => {
      // What failed after a file that is a placeholder cannot be told.
      const endsBefore = recording.files?.written.some(({ isPlaceholder }) => isPlaceholder) ?? false;
      expect(scenario['expect-failure']).toEqual(endsBefore ? undefined : expected);
    });
  });

  it('names the frame of each value beside it', async () => {
    const text = await recorded('bios-proxy', (made) => made.text);
    expect(text).toContain('bootfile: undionly.0 # frame 15\n');
    expect(text).toContain("'3': { ip: 10.77.0.2 } # frame 3: router\n");
    expect(text).toContain('nic: e1000 # frame 1: option 175 says PCI 8086:100e\n');
    expect(text).toContain('memory: 512MiB # no capture shows it\n');
    expect(text).toContain('- proxydhcp.ack: { server: 10.77.0.1, bootfile: undionly.0 } # frames 14, 15\n');
  });

  it('keeps silent to the clients that the server did not answer, by their architecture', async () => {
    const { text, scenario } = await recorded('efi-http', (made) => made);
    expect(scenario.services.dhcp?.misbehave).toEqual({ silent: { architectures: ['uefi-x64'] } });
    expect(text).toContain('# frame 2: never answered, as others were');
  });

  it('has a placeholder of the right size for a file, ends with it, and says so', async () => {
    await recorded('bios-tftp-singleport', async ({ scenario, recording, folder }) => {
      expect(recording.files?.written).toEqual([{ path: 'tftp/undionly.kpxe', bytes: 108_847, isPlaceholder: true }]);
      expect((await stat(join(folder, 'made.files/tftp/undionly.kpxe'))).size).toBe(108_847);
      expect(scenario.steps?.at(-1)).toHaveProperty(['tftp.transfer']);
    });
  });

  it('puts a server behind a relay into the clients’ subnet, where the relay is', async () => {
    await recorded(
      'relay-at-server',
      ({ scenario, text }) => {
        expect(scenario.network).toEqual({ subnet: '10.77.0.0/24' });
        expect(scenario.services.dhcp).toMatchObject({
          at: '10.77.0.1',
          'next-server': '10.77.0.1',
          bootfile: 'undionly.kpxe',
        });
        expect(text).toMatch(
          /at: 10\.77\.0\.1 # frame 18: through the relay 10\.77\.0\.1; 10\.78\.0\.2 there, outside/,
        );
      },
      { client: '10.77.0.100' },
    );
  });

  it('takes files of the user’s own, and goes on with them', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'UNDIONLY.kpxe'), 'a boot program');
    await recorded(
      'bios-tftp-singleport',
      ({ scenario, recording }) => {
        expect(scenario.services.tftp).toMatchObject({ root: folder.path });
        expect(recording).toMatchObject({ allowRoot: folder.path, open: [] });
        expect(recording.files).toBeUndefined();
      },
      { root: folder.path, allowRoots: [folder.path] },
    );
  });
});

it.each([
  'observe/testdata/smb-smbclient-samba.pcap',
  'observe/testdata/reference-trace/step-1-pxe.pcapng',
  'observe/testdata/reference-trace/step-2-authentication.pcapng',
  'observe/testdata/reference-trace/step-3-image.pcapng',
  'protocols/testdata/control-impacket.pcap',
  'protocols/testdata/smbd-impacket.pcap',
  'protocols/testdata/dnsmasq-dhcp-tftp.pcap',
])('a part of a boot, %s, is a scenario that can be run', async (file) => {
  const capture = fileURLToPath(new URL(`../${file}`, import.meta.url));
  expect(await recordedFile(capture, ({ plan }) => plan.clients.length)).toBe(1);
});

describe('what cannot be recorded is unusable input, and the message says what to do', () => {
  it('a scenario that is there', async () => {
    await recorded('bios-nodhcp', async ({ recording: { output } }) => {
      const again = { output, schema: '' };
      await expect(recordCapture(captureOf('bios-nodhcp'), again)).rejects.toThrow(
        `${output}: expected a scenario file that does not exist yet: name another with -o, or use --force`,
      );
      await recordCapture(captureOf('bios-nodhcp'), { ...again, force: true });
    });
  });

  it('a client that the capture does not show', async () => {
    await expect(recorded('bios-nodhcp', () => undefined, { client: '00:11:22:33:44:55' })).rejects.toThrow(
      /--client: .* shows no client 00:11:22:33:44:55; it shows\n {2}52:54:00:77:00:01/,
    );
  });

  it('a root that is none', async () => {
    await expect(recorded('bios-proxy', () => undefined, { root: '/nowhere' })).rejects.toThrow(
      '--root: expected a folder with the boot files, below which the client’s paths are, got /nowhere, which does not exist',
    );
  });
});
