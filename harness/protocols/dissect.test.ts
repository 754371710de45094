import { readFileSync } from 'node:fs';
import { createCaptureParser } from '#tcpdump-wrapper';
import { describe, expect, it } from 'vitest';
import { dissect, type FrameLayer } from './dissect.ts';
import { expectTotal } from '../packet/testing/hostile.ts';

// One frame of each kind from the fixtures: every dissector sees cut and changed bytes.
describe('dissect', () => {
  it.each(['dnsmasq-dhcp-tftp', 'smbd-smbclient', 'smbd-impacket'])('is total on frames of %s', (name) => {
    const frames = createCaptureParser().push(readFileSync(`${import.meta.dirname}/testdata/${name}.pcap`));
    const whole = (bytes: Uint8Array): unknown =>
      dissect({ number: 1, atUs: 0, bytes, originalLength: bytes.length }, 1, { udpPorts: { tftp: new Set([69]) } });
    const kinds = new Map(
      frames.map((frame) => [dissect(frame, 1).summary.split(' ').slice(0, 2).join(' '), frame.bytes]),
    );
    expectTotal(whole, [...kinds.values()]);
  });

  // A report marks these bytes in a frame's dump.
  it.each(['dnsmasq-dhcp-tftp', 'smbd-smbclient', 'smbd-impacket'])(
    'says where the layers of %s lie, and fields inside them',
    (name) => {
      for (const frame of createCaptureParser().push(readFileSync(`${import.meta.dirname}/testdata/${name}.pcap`))) {
        const { layers } = dissect(frame, 1, { udpPorts: { tftp: new Set([69]) } });
        for (const layer of layers) {
          const [start, end] = range(layer);
          expect(start, `frame ${frame.number} ${layer.name}`).toBeGreaterThanOrEqual(0);
          expect(end, `frame ${frame.number} ${layer.name}`).toBeLessThanOrEqual(frame.bytes.length);
          for (const field of layer.fields.filter(({ offset }) => offset !== undefined)) {
            const [from, to] = range(field);
            expect(
              from >= start && to <= end,
              `frame ${frame.number} ${layer.name} ${field.name}: ${from} to ${to} inside ${start} to ${end}`,
            ).toBe(true);
          }
        }
      }
    },
  );

  it('marks the bytes that a field was read from', () => {
    const frame = createCaptureParser()
      .push(readFileSync(`${import.meta.dirname}/testdata/smbd-impacket.pcap`))
      .find((one) => dissect(one, 1).summary.includes('NTLMSSP_AUTH'));
    const { layers = [] } = frame ? dissect(frame, 1) : {};
    const bytesOf = (layer: string, field: string): string => {
      const [from, to] = range(
        layers.find(({ name }) => name === layer)?.fields.find(({ name }) => name === field) ?? {},
      );
      return Buffer.from(frame?.bytes.subarray(from, to) ?? []).toString('hex');
    };
    const value = (layer: string, field: string): string =>
      layers.find(({ name }) => name === layer)?.fields.find(({ name }) => name === field)?.value ?? '';
    expect(bytesOf('ethernet', 'etherType')).toBe('0800');
    expect(Number.parseInt(bytesOf('tcp', 'destinationPort'), 16)).toBe(Number(value('tcp', 'destinationPort')));
    expect(bytesOf('smb2', 'command')).toBe('0100');
    expect(Buffer.from(bytesOf('ntlmssp', 'user'), 'hex').toString('utf16le')).toBe(value('ntlmssp', 'user'));
  });
});

const range = ({ offset = -1, length = 0 }: Pick<FrameLayer, 'offset' | 'length'>): [from: number, to: number] => [
  offset,
  offset + length,
];
