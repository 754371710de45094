import { execa } from 'execa';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { facts, firstNames, timeText, type FactTree } from './file-facts.ts';
import { wimEntries, type WimEntry } from './wim-metadata.ts';

/** FILE_ATTRIBUTE_… ([MS-FSCC] section 2.6). */
const ATTRIBUTES: readonly (readonly [name: string, bit: number])[] = [
  ['readonly', 0x1],
  ['hidden', 0x2],
  ['system', 0x4],
  ['archive', 0x20],
  ['temporary', 0x100],
  ['sparse', 0x200],
  ['reparse point', 0x400],
  ['compressed', 0x800],
  ['offline', 0x1000],
  ['not indexed', 0x2000],
  ['encrypted', 0x4000],
];
const DIRECTORY = 0x10;
// FILE_ATTRIBUTE_NORMAL: no other attribute is set.
const NORMAL = 0x80;

/**
 * All that an NTFS holds of its files: every data stream, attributes, three times to 100 ns, security descriptors, short names,
 * hard links and reparse points. wimlib reads the file system as it captures it.
 */
export async function ntfsFacts(file: string, scratch: string): Promise<FactTree> {
  const wim = path.join(scratch, 'captured.wim');
  await execa('wimlib-imagex', [
    ...['capture', file, wim, 'disk', '--norpfix', '--compress=none', '--no-check', '--quiet'],
    // Nothing is left out by its name, as wimlib's own list for Windows does (pagefile.sys, …).
    '--config=/dev/null',
  ]);
  const entries = await wimEntries(wim);
  await rm(wim);
  const linked = firstNames(
    entries.flatMap((one) => (one.hardLinkGroup === 0n ? [] : [[one.path, one.hardLinkGroup]])),
  );
  return new Map(entries.map((one) => [one.path, factsOf(one, linked.get(one.path))]));
}

function factsOf(entry: WimEntry, linkOf: string | undefined): ReadonlyMap<string, string> {
  const isFolder = (entry.attributes & DIRECTORY) !== 0;
  const unnamed = entry.streams.get('');
  return facts(entry.reparseTag === undefined ? (isFolder ? 'folder' : 'file') : 'link', {
    attributes: attributesText(entry.attributes),
    'short name': entry.shortName === '' ? undefined : entry.shortName,
    'hard link of': linkOf,
    'reparse tag': entry.reparseTag === undefined ? undefined : `0x${entry.reparseTag.toString(16)}`,
    size: isFolder ? undefined : `${unnamed?.bytes ?? 0} bytes`,
    'SHA-1': unnamed?.sha1,
    ...Object.fromEntries(
      [...entry.streams].flatMap(([name, { sha1, bytes }]) =>
        name === '' ? [] : [[`stream ${name}`, `of ${bytes} bytes, SHA-1 ${sha1}`]],
      ),
    ),
    changed: windowsTime(entry.changed),
    created: windowsTime(entry.created),
    accessed: windowsTime(entry.accessed),
    'security descriptor': entry.security && `with SHA-1 ${entry.security}`,
  });
}

function attributesText(bits: number): string {
  const names = ATTRIBUTES.flatMap(([name, bit]) => (bits & bit ? [name] : []));
  const known = ATTRIBUTES.reduce((all, [, bit]) => all | bit, DIRECTORY | NORMAL);
  const others = bits & ~known;
  return [...names, ...(others === 0 ? [] : [`0x${others.toString(16)}`])].join(', ') || 'none';
}

const UNITS_PER_SECOND = 10_000_000n;
const SECONDS_1601_TO_1970 = 11_644_473_600n;

function windowsTime(units: bigint): string {
  const seconds = Number(units / UNITS_PER_SECOND - SECONDS_1601_TO_1970);
  return timeText(seconds, Number(units % UNITS_PER_SECOND), 7);
}
