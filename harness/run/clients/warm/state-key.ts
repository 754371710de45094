import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { FIRMWARES, qemuArgs, type VmSpec } from '#qemu-wrapper';

/** Where Debian and Ubuntu keep what QEMU loads by itself: SeaBIOS, option ROMs of cards and of the VGA. */
const ROM_FOLDERS = ['/usr/share/seabios', '/usr/share/qemu', '/usr/lib/ipxe/qemu'] as const;
const CHUNK_BYTES = 1024 * 1024;
/** Of the folder of a state; 2: with a CRC-32. */
const FORMAT = 2;

/** Files that a saved state depends on beside QEMU's arguments. */
export interface StateFiles {
  /** Folders of programs, for QEMU's own. */
  readonly path: string;
  readonly romFolders: readonly string[];
}

/**
 * Names a saved state: another program, ROM, firmware, variable, card, MAC address or argument is another name. What a
 * guest cannot see (names of files, of the VM and of its tap) is none of it. `image`: the file of what the disk holds at power-on.
 */
export async function stateKey(
  spec: VmSpec,
  disk: { readonly mebibytes?: number | undefined; readonly image?: string | undefined },
  { path, romFolders }: StateFiles = { path: process.env['PATH'] ?? '', romFolders: ROM_FOLDERS },
): Promise<string> {
  const anonymous: VmSpec = {
    ...spec,
    name: 'vm',
    nics: (spec.nics ?? []).map((nic, at) =>
      nic.netDevice.kind === 'tap' ? { ...nic, netDevice: { kind: 'tap', interface: `tap${at}` } } : nic,
    ),
    disks: (spec.disks ?? []).map((disk, at) => ({ ...disk, file: `disk${at}` })),
    ...(spec.firmwareFiles === undefined ? {} : { firmwareFiles: {} }),
  };
  const row = FIRMWARES[spec.firmware];
  const flash = 'flash' in row ? { ...row.flash, ...spec.firmwareFiles } : undefined;
  const facts = {
    format: FORMAT,
    args: qemuArgs(anonymous),
    diskMiB: disk.mebibytes ?? 0,
    // Its firmware may have read of it, as it is with this file.
    ...(disk.image === undefined ? {} : { diskImage: await identity(disk.image) }),
    program: await program(row.binary, path),
    roms: (await Promise.all(romFolders.map(filesIn))).flat(),
    code: flash && (await identity(flash.code)),
    // By its bytes: a scenario's own store is written anew for every run.
    variables: flash && (await contentHash(flash.variables)),
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}

type Identity = readonly [name: string, bytes: string, changedNs: string];

/** A file that was written since has another time of change (ctime), which no program can set. */
async function identity(file: string): Promise<Identity> {
  const { size, ctimeNs } = await stat(file, { bigint: true });
  return [file, String(size), String(ctimeNs)];
}

async function program(name: string, path: string): Promise<Identity | undefined> {
  for (const folder of path.split(delimiter)) {
    const found = await identity(join(folder, name)).catch(() => undefined);
    if (found) return found;
  }
  return undefined;
}

async function filesIn(folder: string): Promise<Identity[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.toSorted().map((name) => identity(join(folder, name))));
}

/** A store for Arm is 64 MiB of nearly nothing: what is zero is not hashed, only where the rest lies. */
async function contentHash(file: string): Promise<string> {
  await using source = await open(file, 'r');
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const zero = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) return hash.update(`end ${at}`).digest('hex');
    const part = chunk.subarray(0, bytesRead);
    if (!part.equals(zero.subarray(0, bytesRead))) hash.update(`at ${at} `).update(part);
    at += bytesRead;
  }
}
