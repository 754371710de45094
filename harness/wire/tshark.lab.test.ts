import { describe, expect, it } from 'vitest';
import { compareWithTshark } from './testing/tshark.ts';

// A second opinion on captures made by software that is not ours (testdata/record.sh).
describe('our decoders and tshark agree', () => {
  it.each(['dnsmasq-dhcp-tftp', 'smbd-smbclient', 'smbd-impacket'])('on %s', async (name) => {
    const { frames, notCompared, disagreements } = await compareWithTshark(`${import.meta.dirname}/testdata/${name}.pcap`);
    expect(disagreements).toEqual([]);
    expect(notCompared).toBe(0);
    expect(frames).toBeGreaterThan(60);
  });
});
