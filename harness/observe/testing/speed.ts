// Measures the observer on one core: `node harness/observe/testing/speed.ts`, with --cpu-prof to see where the time
// goes. Frames are made once, so that only observing is timed, in CPU time: other work on the host then does not
// count. Sizes are those of an iPXE boot and of a Linux cifs mount.
import { createObserver } from '../observer.ts';
import type { Frame } from '../../packet/frame.ts';
import { answer, ask, fileIdOf, SmbScene } from '../../protocols/smb/testing/scene.ts';
import { TftpScene } from '../../protocols/tftp/testing/scene.ts';

const ROUNDS = 9;

function measure(name: string, frames: readonly Frame[]): void {
  const bytes = frames.reduce((sum, frame) => sum + frame.originalLength, 0);
  const seconds = Array.from({ length: ROUNDS }, () => {
    const observer = createObserver({ linkType: 1, onEvent: () => undefined });
    const start = process.cpuUsage();
    for (const frame of frames) observer.frame(frame);
    observer.endOfCapture(0);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  });
  const median = seconds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 1;
  console.log(
    `${name}: ${Math.round(frames.length / median / 1000)} thousand frames/s, ${Math.round(bytes / median / 1e6)} MB/s (${frames.length} frames, median of ${ROUNDS})`,
  );
}

function tftp(): readonly Frame[] {
  return new TftpScene()
    .request('kernel', 'blksize=1432')
    .optionAck('blksize=1432')
    .ack(0)
    .lockstep(1, 60_000, 1432)
    .lockstep(60_001, 60_001, 7).frames;
}

function smb(segmentBytes: number, readBytes: number): readonly Frame[] {
  const scene = new SmbScene().connect();
  scene.segmentBytes = segmentBytes;
  scene
    .exchange(ask.negotiate(0x0210), answer.negotiate(0x0210))
    .exchange(ask.treeConnect('\\\\s\\RemInst'), answer.treeConnect(5))
    .exchange(ask.create('a.wim'), answer.create(fileIdOf(1), 2 ** 30));
  for (let offset = 0; offset < 100e6; offset += readBytes)
    scene.exchange(ask.read(fileIdOf(1), offset, readBytes), answer.read(new Uint8Array(readBytes)));
  return scene.frames;
}

measure('tftp lockstep', tftp());
measure('smb, 1460-byte segments, 64 KiB reads', smb(1460, 65_536));
measure('smb, 1460-byte segments, 1 MiB reads', smb(1460, 1 << 20));
measure('smb, 64 KiB super-frames, 1 MiB reads', smb(65_000, 1 << 20));
