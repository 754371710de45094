import { fileURLToPath } from 'node:url';
import type { Frame } from '../../packet/frame.ts';
import type { VisitScene } from '../../protocols/smb/testing/visit.ts';
import type { Capture } from '../../protocols/testing/machine-sample.ts';
import { openCaptureFile } from '../../tcpdump-wrapper/src/index.ts';
import { boot, type BootStory } from './boot-story.ts';

/** A capture of software that is not ours. */
export async function recorded(name: string): Promise<Capture> {
  const file = fileURLToPath(new URL(`../../observe/testdata/${name}.pcap`, import.meta.url));
  const frames: Frame[] = [];
  for await (const batch of (await openCaptureFile(file, { keepFrames: true })).batches()) frames.push(...batch);
  return { frames };
}

/** A capture of a client that does only this. */
export const told = (tell: (story: BootStory) => unknown): BootStory => boot().also(tell);

/** A capture of a client that mounted the share before. */
export const visited = (visit: (smb: VisitScene) => unknown): BootStory =>
  told(({ smb }) => visit(smb.connect().logon().referral().mount()));
