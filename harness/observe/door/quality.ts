import type { ScenarioResult } from '../../../reports/result.ts';
import type { UndecodedFrames } from '../undecoded-frames.ts';
import type { Copies } from './door.ts';
import type { ClockFaults } from './capture-clock.ts';
import type { Gaps } from './gaps.ts';
import type { Witness } from './witness.ts';

/** What a capture itself did wrong. */
export type CaptureFlaw = NonNullable<NonNullable<ScenarioResult['capture']>['quality']>[number];

/** What is known of a capture's copies, times and cuts when it is over. */
export interface CaptureFacts {
  readonly copies: Copies;
  readonly clock: Readonly<ClockFaults>;
  /** Frames of clients that were cut before the end of what the judge needs, and the first of them. */
  readonly cut: Frames;
  readonly gaps: Pick<Gaps, keyof Frames>;
  readonly undecoded: readonly UndecodedFrames[];
  /** Messages of hosts that were too many to be judged. */
  readonly leftOut: Frames;
  readonly witness: Pick<Witness, 'isOneSided' | 'proofs' | 'isFiltered' | 'requests'>;
}

interface Frames {
  readonly frames: number;
  readonly firstFrame: number;
}

/** The capture's quality, in sentences; empty for a capture that is as good as the lab's own. */
export function qualityOf({ copies, clock, cut, gaps, witness, undecoded, leftOut }: CaptureFacts): CaptureFlaw[] {
  return [
    ...found('duplicated', copies.frames, copies.firstFrame, () => {
      const several = copies.frames === 1 ? 'one frame is' : `${copies.frames} frames are`;
      return `${several} in the capture again (frame ${copies.firstFrame} is frame ${copies.of}), as tcpdump -i any or a mirror port shows a packet on each of its ways: the copies are set aside; capture on one interface, or one direction of one port`;
    }),
    ...found('clock-step', clock.outliers + clock.steps, clock.firstFrame, () => {
      const told = [
        ...(clock.outliers === 0 ? [] : [`${counted(clock.outliers, 'frame')} with a time that no other confirms`]),
        ...(clock.steps === 0 ? [] : [`${counted(clock.steps, 'step')} of its clock`]),
      ];
      return `the capture has ${told.join(' and ')}: time is judged without them, and waits around them may be shorter or longer than they were; capture on one host, and let its clock settle first`;
    }),
    ...found(
      'one-sided',
      witness.isOneSided ? witness.proofs.frames : 0,
      witness.proofs.firstFrame,
      () =>
        `the capture holds one direction only: frame ${witness.proofs.firstFrame} answers what it does not hold, so nobody can say what the other side answered; mirror both directions of the port, or capture on one of the two hosts`,
    ),
    ...found(
      'filtered',
      witness.isFiltered && !witness.isOneSided ? witness.requests.frames : 0,
      witness.requests.firstFrame,
      () =>
        `the capture holds ${counted(witness.requests.frames, 'TFTP request')} and nothing but the ports 67, 68, 69 and 4011, not even ARP: a filter left the transfers out, which run on other ports; capture by the client's address (tcpdump ether host MAC) or without a filter`,
    ),
    // What a snap length cut is no gap.
    ...found(
      'gap',
      cut.frames > 0 ? 0 : gaps.frames,
      gaps.firstFrame,
      () =>
        `frame ${gaps.firstFrame} shows that frames before it are missing${gaps.frames === 1 ? '' : ` (and ${gaps.frames - 1} more show it)`}: the capture did not keep up, and what they said is not known; capture with a larger buffer (tcpdump -B 65536), or to a faster disk`,
    ),
    ...found(
      'cut',
      cut.frames,
      cut.firstFrame,
      () =>
        `${counted(cut.frames, 'frame')} of clients ${cut.frames === 1 ? 'was cut while it was' : 'were cut while they were'} captured (snap length), so what ${cut.frames === 1 ? 'it' : 'they'} said is known in part; capture whole frames: tcpdump -s 0`,
    ),
    ...undecoded.flatMap(({ what, frames, firstFrame }) =>
      found(
        'undecoded',
        frames,
        firstFrame,
        () =>
          `${counted(frames, 'frame')} of ${what} ${frames === 1 ? 'is' : 'are'} not taken apart, so what ${frames === 1 ? 'it carries' : 'they carry'} is not in the verdict; capture where the client's Ethernet frames pass, at its switch port or at the server`,
      ),
    ),
    ...found(
      'crowded',
      leftOut.frames,
      leftOut.firstFrame,
      () =>
        `from frame ${leftOut.firstFrame} on there are more hosts than can be judged, and ${counted(leftOut.frames, 'DHCP message')} of further hosts ${leftOut.frames === 1 ? 'is' : 'are'} not in this result: judge one of them with --client MAC`,
    ),
  ];
}

function found(kind: CaptureFlaw['kind'], frames: number, firstFrame: number, what: () => string): CaptureFlaw[] {
  return frames === 0 ? [] : [{ kind, frames, ...(firstFrame > 0 ? { firstFrame } : {}), what: what() }];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
