// A program that behaves like tcpdump where the wrapper looks: a capture on standard output, "listening on" and
// counters on standard error, SIGUSR1, SIGTERM. Its first argument is a JSON object of FakeTcpdump; the rest is
// tcpdump's command line.

import { writeSync } from 'node:fs';
import { encodePcap } from '../src/formats/encode-pcap.ts';
import { frame } from './frames.ts';

/** What the fake does. */
export interface FakeTcpdump {
  /** `none`: prints nothing and stays. `listening-only`: no header. Default: both. */
  readonly start?: 'none' | 'listening-only' | 'refuses' | 'garbage';
  /** Frames it writes once it listens. */
  readonly frames?: number;
  /**
   * Frames that it holds back, as the kernel's buffer does, and writes in answer to the third question for its
   * counters.
   */
  readonly late?: number;
  readonly dropped?: number;
  /** Frames that the kernel counts and nobody will ever see: they came before the filter was in place. */
  readonly filteredOut?: number;
  /** Ends by itself after its frames, with this code. */
  readonly exitCode?: number;
  readonly ignoreSigterm?: boolean;
  /** Ends in the middle of a frame's record. */
  readonly cut?: boolean;
}

if (import.meta.main) main(JSON.parse(process.argv[2] ?? '{}') as FakeTcpdump);

function main(fake: FakeTcpdump): void {
  const late = fake.late ?? 0;
  const total = (fake.frames ?? 0) + late;
  let written = total - late;
  let questions = 0;
  const header = encodePcap([]);
  const records = encodePcap(Array.from({ length: total }, (_, index) => frame(index + 1))).subarray(header.length);
  const recordBytes = total === 0 ? 0 : records.length / total;
  const dropped = fake.dropped ?? 0;
  const counters = (): string[] => [
    `${written} packets captured`,
    `${total + dropped + (fake.filteredOut ?? 0)} packets received by filter`,
    `${dropped} packets dropped by kernel`,
  ];

  if (fake.start === 'refuses') {
    say('tcpdump: nosuch0: No such device exists\n');
    process.exit(1);
  }
  process.on('SIGUSR1', () => {
    questions += 1;
    if (questions === 3 && late > 0) {
      put(records.subarray(written * recordBytes));
      written = total;
    }
    say(`tcpdump: ${counters().join(', ')}\n`);
  });
  process.on('SIGTERM', () => {
    if (fake.ignoreSigterm === true) return;
    if (fake.cut === true) put(records.subarray(0, 20));
    say(`${counters().join('\n')}\n`);
    process.exit(0);
  });
  setInterval(() => undefined, 1000);
  if (fake.start === 'none') return;
  if (fake.start === 'garbage') put(Buffer.from('this is no capture'));
  else if (fake.start !== 'listening-only') put(header);
  say('tcpdump: listening on fake0, link-type EN10MB (Ethernet), snapshot length 65558 bytes\n');
  put(records.subarray(0, written * recordBytes));
  if (fake.exitCode === undefined) return;
  say('tcpdump: pcap_loop: The interface disappeared\n');
  process.exit(fake.exitCode);
}

function put(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

function say(text: string): void {
  writeSync(2, text);
}
