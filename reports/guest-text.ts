import type { ClientResult } from './result.ts';
import { byteCount, duration, plural } from './text.ts';

type Evidence = NonNullable<ClientResult['guest']>;
type Disk = NonNullable<Evidence['disk']>;
type Partition = NonNullable<Disk['partitions']>[number];
type HotBackup = NonNullable<Evidence['hotBackups']>[number];
type VirtualMachine = NonNullable<Evidence['virtualMachines']>[number];

/** What became of a guest, its backups among it, in words. */
export interface GuestFact {
  readonly text: string;
  /** It is not as it should be. */
  readonly bad: boolean;
}

/** How much of a partition was compared, in words. */
export function partitionText({
  number,
  fileSystem,
  bytes,
  largerByBytes,
  bytesCompared,
  filesCompared,
}: Partition): string {
  const compared = [
    ...(bytesCompared === 0 ? [] : [`${byteCount(bytesCompared)} byte for byte`]),
    ...(filesCompared === 0 ? [] : [`${plural(filesCompared, 'path')} with all their facts`]),
  ];
  const size = `${byteCount(bytes)}${largerByBytes === undefined ? '' : `, ${byteCount(largerByBytes)} larger now`}`;
  return `${number === 0 ? 'whole disk' : `partition ${number}`}  ${fileSystem}  ${size}  ${compared.join(', ') || 'its names'}`;
}

/** What a look at the disk showed. One with which nothing was compared is not said to be equal. */
export function diskFacts({ filesCompared, differences, bootedBySelf }: Disk): readonly GuestFact[] {
  const differing = differences.length;
  const outcome = differing === 0 ? 'all equal' : plural(differing, 'difference');
  return [
    ...(filesCompared === 0 && differing === 0
      ? []
      : [{ text: `${plural(filesCompared, 'path')} on the disk compared: ${outcome}.`, bad: differing > 0 }]),
    ...(bootedBySelf === undefined
      ? []
      : [{ text: `It ${bootedBySelf ? 'then booted' : 'did not boot'} from its own disk.`, bad: !bootedBySelf }]),
  ];
}

/** What was seen of a guest beside its reports and its disk: backups while it ran, machines made of them, its next start. */
export function guestFacts({
  hotBackups,
  virtualMachines,
  recovered,
  nextStart,
  joined,
}: Evidence): readonly GuestFact[] {
  return [
    ...(hotBackups ?? []).map(hotBackupFact),
    ...(virtualMachines ?? []).map(virtualMachineFact),
    ...(recovered === undefined ? [] : [fine(recoveredText(recovered))]),
    ...(nextStart === undefined ? [] : [fine(nextStartText(nextStart))]),
    ...(joined === undefined ? [] : [joinedFact(joined)]),
  ];
}

const fine = (text: string): GuestFact => ({ text, bad: false });

const HOT_BACKUPS: Readonly<Record<HotBackup['kind'], string>> = {
  full: 'whole disk',
  increment: 'increment',
  snapshot: 'snapshot of the mounted file system',
};

function hotBackupFact(one: HotBackup): GuestFact {
  const facts = [
    `${byteCount(one.copiedBytes)} copied`,
    `${byteCount(one.storedBytes)} stored`,
    ...frozenText(one),
    one.clean ? 'clean' : 'not clean',
    `${plural(one.records, 'record')} of its work`,
  ];
  const removed = one.removed ? '; removed by the retention since' : '';
  return {
    text: `Backup ${one.id} while it ran (${HOT_BACKUPS[one.kind]}): ${facts.join(', ')}${removed}.`,
    bad: !one.clean,
  };
}

/** A snapshot needs no file system to stand still. */
function frozenText({ kind, frozenMs }: HotBackup): string[] {
  if (frozenMs !== undefined) return [`file systems frozen for ${duration(frozenMs)}`];
  return kind === 'snapshot' ? [] : ['file systems not frozen'];
}

function virtualMachineFact({ backup, format, files, bytes, startedBySelf }: VirtualMachine): GuestFact {
  return {
    text: `Backup ${backup} as a virtual machine (${format}, ${byteCount(bytes)}: ${files.join(', ')}): it ${startedBySelf ? 'started' : 'did not start'} from that disk.`,
    bad: !startedBySelf,
  };
}

const recoveredText = ({ backup, files }: NonNullable<Evidence['recovered']>): string =>
  `Recovered from backup ${backup}: ${files.map(({ path, bytes }) => `${path} (${byteCount(bytes)})`).join(', ')}.`;

function nextStartText({ bootOrder, device }: NonNullable<Evidence['nextStart']>): string {
  const order = bootOrder.length === 0 ? '' : ` (boot order ${bootOrder.join(', ')})`;
  return `Its next start${order} came from ${device === 'none' ? 'no device' : `the ${device}`}.`;
}

function joinedFact({ computer, dnsHostName, keyOpensAccount }: NonNullable<Evidence['joined']>): GuestFact {
  const host = dnsHostName === undefined ? '' : ` (${dnsHostName})`;
  return {
    text: `Its account in the directory is ${computer}${host}; the key on its disk ${keyOpensAccount ? 'opens it' : 'does not open it'}.`,
    bad: !keyOpensAccount,
  };
}
