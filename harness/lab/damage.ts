import { lstat, open, truncate } from 'node:fs/promises';
import { execa } from 'execa';
import type { DamagePlan } from '../plan/plan.ts';

/** Damages a file as a scenario wants it: cut short, one byte changed, or an image of another architecture. */
export async function damageFile(file: string, damage: DamagePlan): Promise<void> {
  const entry = await lstat(file);
  // By a link, a file outside of the tree would be damaged.
  if (!entry.isFile()) throw new Error(`${damage.path}: expected a file to damage, got a link, folder or special file`);
  const { size } = entry;
  if ('keepPercent' in damage) return truncate(file, Math.floor((size * damage.keepPercent) / 100));
  if ('architecture' in damage) return setArchitecture(file, damage.architecture);
  const { flipByteAt } = damage;
  if (flipByteAt >= size)
    throw new Error(`${damage.path}: a byte to change at ${flipByteAt}, expected one within the file's ${size} bytes`);
  await using handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, flipByteAt);
  await handle.write(Uint8Array.of((byte[0] ?? 0) ^ 0xff), 0, 1, flipByteAt);
}

/** Every image of the file says that it is for this processor; its content stays as it is. */
async function setArchitecture(file: string, code: number): Promise<void> {
  const { stdout } = await execa('wimlib-imagex', ['info', file, '--header']);
  const images = Number(/^Image Count\s*= (\d+)$/m.exec(stdout)?.[1] ?? 0);
  for (let image = 1; image <= images; image++)
    await execa('wimlib-imagex', ['info', file, String(image), `--image-property=WINDOWS/ARCH=${code}`]);
}
