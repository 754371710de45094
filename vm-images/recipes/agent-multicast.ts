import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { cpioNewc } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { programEntries } from '../libraries.ts';
import { AGENT_PROGRAMS } from './agent.ts';

/** What a boot image needs to receive an image by multicast, as an initramfs that is loaded after the agent's: udp-receiver. */
export const agentMulticastRecipe: Recipe = {
  name: 'agent-multicast',
  what: "initramfs beside the agent's: udp-receiver, for an image by multicast",
  needs: [],
  sources: ['recipes/agent-multicast.ts', 'recipes/agent.ts', 'cpio.ts', 'libraries.ts', 'initramfs-compression.ts'],
  packages: ['udpcast', 'wimtools', 'e2fsprogs', 'extlinux', 'zstd'],
  build,
};

async function build({ folder }: BuildContext): Promise<void> {
  const inAgent = new Set((await programEntries(AGENT_PROGRAMS)).map((entry) => entry.path));
  const programs = await programEntries({ 'usr/bin/udp-receiver': '/usr/bin/udp-receiver' });
  const archive = cpioNewc(programs.filter((entry) => !inAgent.has(entry.path)));
  await writeFile(path.join(folder, 'multicast.img'), await compressInitramfs(archive));
}
