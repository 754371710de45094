import { Session } from 'node:inspector/promises';
import type { Frame } from '../../packet/frame.ts';

// Prints how often the blocks of our code are run while a capture is judged that holds the same again and again, for each
// number of times in the arguments after what it holds. A program of its own: only without machine code, and from the
// beginning, V8 counts every run (node --no-opt --no-maglev).

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const { judgeFrames } = await import('../judge-frames.ts');
const { boot, BootStory } = await import('./boot-story.ts');

const CAPTURES = { boots, installations, hosts, files, requests };

const [what = '', ...counts] = process.argv.slice(2);
const capture = CAPTURES[what as keyof typeof CAPTURES];
for (const count of counts) console.log(await workOf(capture(Number(count))));
session.disconnect();

async function workOf(frames: readonly Frame[]): Promise<number> {
  await session.post('Profiler.takePreciseCoverage');
  await judgeFrames([frames], { linkType: 1, clients: [], openEnd: true, door: {} });
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

/** A client that is installed over and over. */
function installations(count: number): readonly Frame[] {
  const story = boot();
  for (let round = 1; round <= count; round++) {
    story.dhcp.xid = round;
    story.wdsInstall().wait(30_000);
  }
  return story.frames;
}

/** Hosts that ask for an address one after the other, in vain. */
function hosts(count: number): readonly Frame[] {
  const { tape } = boot();
  for (let host = 1; host <= count; host++) {
    const mac = `02:00:00:00:${[host >> 8, host & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
    const story = new BootStory(tape, { mac, ip: '0.0.0.0' });
    story.dhcp.xid = host;
    story.wait(100).dhcp.discover();
  }
  return tape.frames;
}

/** A client that loads files, each of another name. */
function files(count: number): readonly Frame[] {
  const story = boot().dhcpBoot();
  for (let file = 1; file <= count; file++) story.loads([`${file}.bin`, 600]);
  return story.frames;
}

/** A client that asks for a file for ever, each time from another port, in vain. */
function requests(count: number): readonly Frame[] {
  const story = boot();
  for (let request = 1; request <= count; request++) story.wait(500).tftp.next().request('pxelinux.0');
  return story.frames;
}

/** The boot server is asked and stays silent; the client goes on without it, for a file that is not there. */
function fails(story: ReturnType<typeof boot>): void {
  story.proxyQuestion().wait(20_000).missesFiles('pxelinux.0');
}
