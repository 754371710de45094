import { Session } from 'node:inspector/promises';
import type { Frame } from '../../packet/frame.ts';

// Prints how often the blocks of our code are run while a client's boots are judged, for each number of boots in the
// arguments. A program of its own: only without machine code, and from the beginning, V8 counts every run
// (node --no-opt --no-maglev).

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const { judgeFrames } = await import('../judge-frames.ts');
const { boot, START_US } = await import('./boot-story.ts');

for (const count of process.argv.slice(2)) console.log(await workOf(boots(Number(count))));
session.disconnect();

async function workOf(frames: readonly Frame[]): Promise<number> {
  await session.post('Profiler.takePreciseCoverage');
  await judgeFrames([frames], { linkType: 1, clients: [], startUs: START_US });
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.includes('/harness/'))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0);
}

/** A client that boots over and over, each time in transactions and at ports of its own; every second boot fails. */
function boots(count: number): readonly Frame[] {
  const story = boot();
  for (let round = 1; round <= count; round++) {
    story.dhcp.xid = round;
    if (round % 2 === 0) fails(story.pxeRound({}, { vendorClass: 'PXEClient' }));
    else
      story
        .dhcpRound({ siaddr: '172.22.52.207', bootfile: `${round % 10}.0` })
        .arp()
        .loads([`${round % 10}.0`, 3000]);
    story.wait(30_000);
  }
  return story.frames;
}

/** The boot server is asked and stays silent; the client goes on without it, for a file that is not there. */
function fails(story: ReturnType<typeof boot>): void {
  story.proxyQuestion().wait(20_000).missesFiles('pxelinux.0');
}
