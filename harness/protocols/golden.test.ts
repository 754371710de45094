import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { openCaptureFile } from '#tcpdump-wrapper';
import { describe, expect, it } from 'vitest';
import { dissect, type DissectedFrame, type FrameLayer } from './dissect.ts';
import type { Frame } from '../packet/frame.ts';

// Captures of dnsmasq, udhcpc, curl, smbd, smbclient, impacket, Samba's RPC client and the Linux kernel (testdata/record.sh), and what we
// read in them.
describe('captures that others made', () => {
  it.each(['dnsmasq-dhcp-tftp', 'smbd-smbclient', 'smbd-impacket', 'control-impacket', 'control-samba', 'igmp-linux'])(
    '%s reads as before',
    async (name) => {
      const golden = `${import.meta.dirname}/testdata/${name}.decoded.txt`;
      const text = await decodedText(`${import.meta.dirname}/testdata/${name}.pcap`);
      const before = existsSync(golden) ? readFileSync(golden, 'utf8') : '';
      if (process.env['UPDATE_GOLDEN'] === '1' && text !== before) {
        writeFileSync(golden, text);
        throw new Error(`${golden} was rewritten: look at its difference, then run without UPDATE_GOLDEN`);
      }
      expect(text, `${golden} differs from what ${name}.pcap decodes to; UPDATE_GOLDEN=1 rewrites it`).toBe(before);
      expect(text).not.toContain('malformed');
    },
  );
});

async function decodedText(captureFile: string): Promise<string> {
  const source = await openCaptureFile(captureFile);
  const tftpPorts = new Set<number>();
  let text = '';
  for await (const batch of source.batches()) {
    for (const frame of batch)
      text += frameText(frame, dissect(frame, source.linkType, { udpPorts: { tftp: tftpPorts } }), tftpPorts);
  }
  return text;
}

/**
 * A line for the frame, and the fields of its application layers, with their bytes [offset+length], unless it is one of
 * many DATA and ACK.
 */
function frameText(frame: Frame, { summary, layers }: DissectedFrame, tftpPorts: Set<number>): string {
  const udp = layers.find((layer) => layer.name === 'udp')?.fields;
  if (summary.startsWith('TFTP read request'))
    tftpPorts.add(Number(udp?.find((field) => field.name === 'sourcePort')?.value));
  const shown = /^TFTP (data|ack)/.test(summary)
    ? []
    : layers.filter((layer) => !['ethernet', 'ipv4', 'udp', 'tcp'].includes(layer.name));
  const fields = shown.flatMap((layer) => [
    `  ${layer.name}${placeText(layer)}\n`,
    ...layer.fields.map((field) => `    ${field.name}: ${field.value}${placeText(field)}\n`),
  ]);
  return `${frame.number} ${summary}\n${fields.join('')}`;
}

const placeText = ({ offset, length }: Pick<FrameLayer, 'offset' | 'length'>): string =>
  offset === undefined || length === undefined ? '' : ` [${offset}+${length}]`;
