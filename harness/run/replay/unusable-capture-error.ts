import type { Truncation } from '#tcpdump-wrapper';
import { plural } from '../../../reports/text.ts';

/** A capture in which there is nothing to judge: what was expected, and what is in it. */
export class UnusableCaptureError extends Error {
  override readonly name = 'UnusableCaptureError';

  constructor(
    file: string,
    found: { readonly frames: number; readonly decodable: boolean; readonly truncated: Truncation | undefined },
  ) {
    super(`${file}: expected the frames of a PXE client, ${textOf(found)}`);
  }
}

function textOf({ frames, decodable, truncated }: ConstructorParameters<typeof UnusableCaptureError>[1]): string {
  if (frames === 0)
    return truncated === undefined
      ? 'got a capture without any frame: see whether it listened on the right interface before the client was powered on'
      : `got a file that is cut in its first frame: ${truncated.reason} (byte ${truncated.atByte})`;
  const count = plural(frames, 'frame');
  return decodable
    ? `got ${count} and in none of them a DHCP request, a TFTP read request or a logon: see whether the capture saw the client's network, and name the client by --scenario if it began late`
    : `got ${count} of which none is IP or ARP: see whether the file says the right link type`;
}
