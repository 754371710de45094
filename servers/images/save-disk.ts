import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { mac } from '../service/config-fields.ts';
import { EXIT } from '../service/exit-codes.ts';
import { configProblems, messageOf } from '../service/service.ts';
import { BACKUP_CLIENT, type BackupManifest } from './backup-store/manifest.ts';
import { restorePartition } from './backups/partition-file.ts';
import { restic, type BackupStore } from './backups/restic.ts';
import { saveDisk } from './backups/save-disk.ts';

// What a hypervisor does with the disk of a VM that goes on: `node servers/images/save-disk.ts` reads one order as JSON on standard
// input, saves the disk to the store, reads each partition back from there into a file of its own, and prints one line for each.

const orderSchema = z.strictObject({
  /** As restic names it. */
  store: z.string(),
  password: z.string(),
  /** Certificate of the authority that the store's is by, for HTTPS. */
  authority: z.string().optional(),
  client: z.string().regex(BACKUP_CLIENT),
  mac,
  firmware: z.enum(['bios', 'uefi']),
  /** Raw image of the disk as it was at `beganAt`. */
  disk: z.string(),
  beganAt: z.iso.datetime(),
  /** Folder for what is read back, made if need be: `part-1`, … */
  readBack: z.string(),
});
export type SaveDiskOrder = z.input<typeof orderSchema>;

/** What it prints. */
export type SaveDiskEvent =
  | { readonly event: 'saved'; readonly manifest: BackupManifest }
  | { readonly event: 'read-back'; readonly partition: number; readonly file: string };

const say = (event: SaveDiskEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

const input = JSON.parse(await text(process.stdin)) as unknown;
const order = orderSchema.safeParse(input);
if (order.success)
  await obey(order.data).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = EXIT.failed;
  });
else {
  process.stderr.write(`${configProblems(order.error, input).join('\n')}\n`);
  process.exitCode = EXIT.unusableInput;
}

async function obey({
  store: folder,
  password,
  authority,
  readBack,
  ...about
}: z.output<typeof orderSchema>): Promise<void> {
  const store = { folder, password, authority };
  const parent = await newestBackup(store, about.client);
  const id = about.beganAt.replaceAll(/[-:]|\.\d+/g, '');
  await mkdir(readBack, { recursive: true });
  const manifest = await saveDisk(store, { ...about, id, parent, kind: 'hot', scratch: readBack });
  say({ event: 'saved', manifest });
  for (const { number } of manifest.partitions) {
    const file = path.join(readBack, `part-${number}`);
    await restorePartition(store, manifest, number, file);
    say({ event: 'read-back', partition: number, file });
  }
}

/** Id of the newest backup of a client that is complete; null for its first one. */
async function newestBackup(store: BackupStore, client: string): Promise<string | null> {
  const { stdout } = await restic(store, ['snapshots', '--json', '--no-lock', `--host=${client}`, '--tag=manifest']);
  const ids = (JSON.parse(stdout) as { readonly tags?: readonly string[] }[]).flatMap(({ tags = [] }) =>
    tags.flatMap((tag) => /^backup=(.*)$/.exec(tag)?.[1] ?? []),
  );
  return ids.toSorted().at(-1) ?? null;
}
