import { execa } from 'execa';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { changeWimEntries, type WimEntry, type WimEntryChange } from '../comparison/whole-disk/wim-metadata.ts';
import { pseudoRandomBytes } from '../pseudo-random.ts';
import { SAMPLE_TIME_S } from '../recipes/images-linux-sample.ts';

// An NTFS as Windows would leave it, made without a mount: nothing in it starts. What it has is what a backup gets wrong: three
// times to 100 ns, attributes, alternate data streams, long names, files of one cluster more or less.

const MIB = 2 ** 20;
/** NTFS keeps times of its own for every record, which mkntfs and libntfs take from the clock. */
const CLOCK = ['-f', new Date(SAMPLE_TIME_S * 1000).toISOString().slice(0, 19).replace('T', ' ')] as const;
const stopped = (program: string, args: readonly string[]) =>
  execa('faketime', [...CLOCK, program, ...args], { env: { TZ: 'UTC' } });

/** FILE_ATTRIBUTE_… ([MS-FSCC] section 2.6). */
const [READONLY, HIDDEN, SYSTEM, ARCHIVE, COMPRESSED, NORMAL, NOT_INDEXED] = [1, 2, 4, 0x20, 0x800, 0x80, 0x2000];
const DIRECTORY = 0x10;

/** Files by their paths: size, or content. */
const FILES: Readonly<Record<string, number | string>> = {
  bootmgr: 398_356,
  'pagefile.sys': MIB,
  'autoexec.bat': '@echo off\r\n',
  'Windows/explorer.exe': 700_001,
  'Windows/win.ini': '; for 16-bit app support\r\n[fonts]\r\n',
  'Windows/System32/ntoskrnl.exe': 1_500_000,
  'Windows/System32/config/SYSTEM': 4 * 65_536,
  'Windows/System32/config/SOFTWARE': 8 * 65_536,
  'Windows/System32/config/systemprofile/desktop.ini': '[.ShellClassInfo]\r\n',
  'Windows/System32/de-DE/kernel32.dll.mui': 40_961,
  'Windows/Temp/empty.tmp': 0,
  'ProgramData/Microsoft/Windows/Start Menu/Programs/desktop.ini': 'LocalizedResourceName=@shell32.dll\r\n',
  'Program Files/Common Files/Prüfung à la française 日本.txt': 'a name that is not ASCII\r\n',
  [`Users/Default/Documents/${'a long name '.repeat(20)}.txt`]: 'a name of 244 characters\r\n',
  'Users/administrateur/Desktop/downloaded.exe': 123_456,
  'Users/administrateur/Documents/letter.doc': 30_000,
  'System Volume Information/tracking.log': 20_480,
  '$Recycle.Bin/S-1-5-21-1-2-3-500/desktop.ini': '[.ShellClassInfo]\r\n',
  ...Object.fromEntries([0, 1, 511, 512, 4095, 4096, 4097, 65_536].map((size) => [`Users/Public/size-${size}`, size])),
  // Into a folder whose index no longer fits into its record.
  ...Object.fromEntries(
    Array.from({ length: 240 }, (_, index) => [`Windows/System32/drivers/driver-${index}.sys`, (index * 397) % 20_000]),
  ),
};

/** Alternate data streams, as a browser, an indexer and a user of many bytes leave them. */
const STREAMS: readonly (readonly [file: string, stream: string, content: number | string])[] = [
  ['Users/administrateur/Desktop/downloaded.exe', 'Zone.Identifier', '[ZoneTransfer]\r\nZoneId=3\r\n'],
  ['Users/administrateur/Documents/letter.doc', 'SummaryInformation', 5000],
  ['Users/administrateur/Documents/letter.doc', 'Prüfsumme', 'sha256'],
  ['Windows/win.ini', 'large', 300_000],
  ['Users/Public/size-0', 'beside nothing', 4097],
];

const bytesOf = (name: string, content: number | string): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content) : pseudoRandomBytes(name, content);

/** An NTFS in a file; `startSector` is that of its partition. The same each time. */
export async function windowsVolume(
  { file, mebibytes, startSector }: { readonly file: string; readonly mebibytes: number; readonly startSector: number },
  scratch: string,
): Promise<void> {
  const folder = await mkdtemp(path.join(scratch, 'windows-'));
  const at = (name: string): string => path.join(folder, name);
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(path.dirname(at(`tree/${name}`)), { recursive: true });
    await writeFile(at(`tree/${name}`), bytesOf(name, content));
  }
  // wimlib takes streams from an NTFS only, so they go by one.
  await capture(at('tree'), at('tree.wim'));
  await changeWimEntries(at('tree.wim'), () => ({ created: MOMENT, accessed: MOMENT, changed: MOMENT }));
  await emptyVolume(at('first'), mebibytes, startSector);
  await stopped('wimlib-imagex', ['apply', at('tree.wim'), '1', at('first'), '--quiet']);
  for (const [name, stream, content] of STREAMS) {
    await writeFile(at('stream'), bytesOf(stream, content));
    await stopped('ntfscp', ['--quiet', '--force', '--attr-name', stream, at('first'), at('stream'), name]);
  }
  await capture(at('first'), at('windows.wim'));
  await changeWimEntries(at('windows.wim'), changeOf);
  await emptyVolume(file, mebibytes, startSector);
  await stopped('wimlib-imagex', ['apply', at('windows.wim'), '1', file, '--quiet']);
  await rm(folder, { recursive: true });
}

// Nothing is left out by its name, as wimlib's own list would do (pagefile.sys, System Volume Information, …).
const capture = (from: string, wim: string) =>
  execa('wimlib-imagex', [
    ...['capture', from, wim, 'Windows', '--compress=none', '--config=/dev/null', '--threads=1', '--quiet'],
  ]);

async function emptyVolume(file: string, mebibytes: number, startSector: number): Promise<void> {
  await writeFile(file, '');
  await truncate(file, mebibytes * MIB);
  const geometry = ['--partition-start', String(startSector), '--heads', '255', '--sectors-per-track', '63'];
  await stopped('mkntfs', [
    ...['--quick', '--force', '--quiet', '--label', 'Windows', '--sector-size', '512', ...geometry, file],
  ]);
}

/** In units of 100 ns since 1601. */
const MOMENT = BigInt(SAMPLE_TIME_S + 11_644_473_600) * 10_000_000n;
const DAY = 864_000_000_000n;
const MOST_DAYS = 4000;

/** Times and attributes of a file, each another one, by its path. */
function changeOf({ path: name, attributes }: WimEntry): WimEntryChange {
  const lot = pseudoRandomBytes(name, 8);
  const created = MOMENT - BigInt(lot.readUInt16LE(0) % MOST_DAYS) * DAY - BigInt(lot.readUInt32LE(4));
  const changed = created + BigInt(lot.readUInt32LE(2));
  const times = { created, changed, accessed: changed + BigInt(lot.readUInt16LE(3)) * 10_000_000n };
  const bits = ATTRIBUTES.find(([pattern]) => pattern.test(name))?.[1] ?? (attributes & DIRECTORY ? 0 : ARCHIVE);
  return { ...times, attributes: (attributes & ~NORMAL) | bits || NORMAL };
}

/** The first that matches a path has it. */
const ATTRIBUTES: readonly (readonly [RegExp, number])[] = [
  [/^\/bootmgr$/, READONLY | HIDDEN | SYSTEM | ARCHIVE],
  [/^\/(pagefile\.sys|System Volume Information|\$Recycle\.Bin)$/, HIDDEN | SYSTEM],
  [/\/desktop\.ini$/, HIDDEN | SYSTEM | ARCHIVE],
  [/^\/Windows\/System32\/config\//, ARCHIVE | NOT_INDEXED],
  [/^\/Users\/administrateur\/Documents/, COMPRESSED],
  [/\/driver-\d*7\.sys$/, READONLY | ARCHIVE],
  [/\/size-/, NORMAL],
];
