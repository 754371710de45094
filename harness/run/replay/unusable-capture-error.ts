import type { Truncation } from '#tcpdump-wrapper';
import type { UndecodedFrames } from '../../observe/undecoded-frames.ts';
import { plural } from '../../../reports/text.ts';

/** A capture in which there is nothing to judge: what was expected, and what is in it. */
export class UnusableCaptureError extends Error {
  override readonly name = 'UnusableCaptureError';

  constructor(file: string, found: NothingToJudge | OthersThanWanted) {
    super(
      'wanted' in found
        ? `${file}: expected the MAC or IP address of a client of this capture (${found.addresses.join(', ')}), got ${found.wanted}`
        : `${file}: expected the frames of a PXE client, ${textOf(found)}`,
    );
  }
}

interface NothingToJudge {
  readonly frames: number;
  /** Of which the capture holds only the beginning. */
  readonly cut: number;
  readonly decodable: boolean;
  readonly undecoded: readonly UndecodedFrames[];
  readonly truncated: Truncation | undefined;
}

interface OthersThanWanted {
  readonly wanted: string;
  readonly addresses: readonly string[];
}

function textOf({ frames, cut, decodable, undecoded, truncated }: NothingToJudge): string {
  if (frames === 0)
    return truncated === undefined
      ? 'got a capture without any frame: see whether it listened on the right interface before the client was powered on'
      : `got a file that is cut in its first frame: ${truncated.reason} (byte ${truncated.atByte})`;
  const count = plural(frames, 'frame');
  const closed =
    undecoded.length === 0
      ? undefined
      : `${undecoded.map(({ what, frames: ofThem }) => `${ofThem} of ${what}`).join(', ')}, which pxewright does not take apart`;
  if (!decodable)
    return closed === undefined
      ? `got ${count} of which none is IP or ARP: see whether the file says the right link type`
      : `got ${count} of which none is IP or ARP: ${closed}: capture where the client's Ethernet frames pass, at its switch port or at the server`;
  if (cut > 0)
    return `got ${count}, of which ${cut} ${cut === 1 ? 'was cut while it was' : 'were cut while they were'} captured (snap length), and what is left shows no DHCP request, no TFTP read request and no logon: capture whole frames: tcpdump -s 0`;
  return `got ${count} and in none of them a DHCP request, a TFTP read request or a logon${closed === undefined ? '' : ` (${closed})`}: see whether the capture saw the client's network, and name the client by --scenario if it began late`;
}
