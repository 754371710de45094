import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openCaptureFile } from '../tcpdump-wrapper/src/index.ts';
import type { Frame } from '../packet/frame.ts';
import { eventText } from './testing/event-text.ts';
import { observe } from './testing/scene.ts';

// Captures of software that we did not write, on a veth pair: curl, smbclient 4.22, impacket, MIT's kinit and busybox
// udhcpc as clients, dnsmasq 2.91, Samba 4.22 (as file server and as domain controller) and python's http.server as
// servers, all of Debian 13. kerberos-skew is a VM's, with a clock two hours behind.
const CAPTURES = [
  'dhcp-dnsmasq',
  'tftp-curl-dnsmasq',
  'http-curl-python',
  'smb-smbclient-samba',
  'smb-refused',
  'smb-refused-by-directory',
  'kerberos-smbclient',
  'kerberos-refusals',
  'kerberos-skew',
  'smb-impacket-header-and-tail',
  'smb-impacket-encrypted',
];
const CLIENTS = ['52:54:00:12:34:56'];
const pathOf = (file: string): string => fileURLToPath(new URL(`testdata/${file}`, import.meta.url));

async function framesOf(capture: string): Promise<Frame[]> {
  const source = await openCaptureFile(pathOf(`${capture}.pcap`));
  const frames: Frame[] = [];
  for await (const batch of source.batches()) frames.push(...batch);
  return frames;
}

test.each(CAPTURES)('%s gives the events of its golden file', async (capture) => {
  const frames = await framesOf(capture);
  const { events } = observe(frames, { clients: CLIENTS });
  const text = `${events.map((event) => eventText(event, frames[0]?.atUs ?? 0)).join('\n')}\n`;
  const golden = pathOf(`${capture}.events.txt`);
  const wanted = existsSync(golden) ? readFileSync(golden, 'utf8') : '';
  if (process.env['UPDATE_GOLDEN'] && wanted !== text) {
    writeFileSync(golden, text);
    expect.fail(
      `${golden} was refreshed from ${capture}.pcap: look at the difference, then run again without UPDATE_GOLDEN`,
    );
  }
  expect(text, `${capture}.pcap and ${capture}.events.txt differ; UPDATE_GOLDEN=1 refreshes the text`).toBe(wanted);
});

test.each(CAPTURES)('%s, trimmed to what the observer asks for, gives the same events', async (capture) => {
  const frames = await framesOf(capture);
  const whole = observe(frames, { clients: CLIENTS });
  const trimmed = observe(whole.trimmed, { clients: CLIENTS });
  expect(trimmed.events).toEqual(whole.events);
  // What a snap length cut off is noticed, and not taken for what the evidence leaves out.
  expect([whole.cutFrames, trimmed.cutFrames]).toEqual([0, 0]);
  const snapped = frames.map((frame) => ({ ...frame, bytes: frame.bytes.subarray(0, 64) }));
  expect(observe(snapped, { clients: CLIENTS }).cutFrames).toBeGreaterThan(1);
});

test.each(CAPTURES)('%s is understood without being told who the client is', async (capture) => {
  const frames = await framesOf(capture);
  expect(observe(frames).events).toEqual(observe(frames, { clients: CLIENTS }).events);
});
