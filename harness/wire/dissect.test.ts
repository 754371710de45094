import { readFileSync } from 'node:fs';
import { createCaptureParser } from 'tcpdump-wrapper';
import { describe, it } from 'vitest';
import { dissect } from './dissect.ts';
import { expectTotal } from './testing/hostile.ts';

// One frame of each kind from the fixtures: every dissector sees cut and changed bytes.
describe('dissect', () => {
  it.each(['dnsmasq-dhcp-tftp', 'smbd-smbclient', 'smbd-impacket'])('is total on frames of %s', (name) => {
    const frames = createCaptureParser().push(readFileSync(`${import.meta.dirname}/testdata/${name}.pcap`));
    const whole = (bytes: Uint8Array): unknown => dissect({ number: 1, atUs: 0, bytes, originalLength: bytes.length }, 1, { tftpPorts: new Set([69]) });
    const kinds = new Map(frames.map((frame) => [dissect(frame, 1).summary.split(' ').slice(0, 3).join(' '), frame.bytes]));
    expectTotal(whole, [...kinds.values()].slice(0, 40));
  });
});
