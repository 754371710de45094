import { expect, it } from 'vitest';
import { tcpdumpArgs } from './tcpdump-args.ts';
import { CounterReader } from './tcpdump-stderr.ts';

it('builds the command line that a person can run', () => {
  expect(tcpdumpArgs({ interface: 'br0' }).join(' ')).toMatchInlineSnapshot(
    `"tcpdump -i br0 -n -U -w - -s 65558 -B 131072 --immediate-mode"`,
  );
  expect(
    tcpdumpArgs({
      interface: 'br0',
      snapLength: 0,
      bufferKiB: 4096,
      immediate: false,
      user: 'root',
      filter: 'udp port 67 or arp',
      argvPrefix: ['nsenter', '--net=/run/netns/x'],
    }),
  ).toMatchInlineSnapshot(`
    [
      "nsenter",
      "--net=/run/netns/x",
      "tcpdump",
      "-i",
      "br0",
      "-n",
      "-U",
      "-w",
      "-",
      "-s",
      "0",
      "-B",
      "4096",
      "-Z",
      "root",
      "--",
      "udp port 67 or arp",
    ]
  `);
});

it('reads the counters of SIGUSR1 and those of the end', () => {
  const reader = new CounterReader();
  expect(
    reader.read('tcpdump: 43376 packets captured, 50003 packets received by filter, 6627 packets dropped by kernel'),
  ).toEqual({ captured: 43376, received: 50003, dropped: 6627, droppedByInterface: 0 });
  expect(reader.read('1 packet captured')).toBeUndefined();
  expect(reader.read('4 packets received by filter')).toBeUndefined();
  expect(reader.read('3 packets dropped by kernel')).toEqual({
    captured: 1,
    received: 4,
    dropped: 3,
    droppedByInterface: 0,
  });
  expect(reader.read('2 packets dropped by interface')).toEqual({
    captured: 1,
    received: 4,
    dropped: 3,
    droppedByInterface: 2,
  });
  expect(
    reader.read('tcpdump: listening on br0, link-type EN10MB (Ethernet), snapshot length 262144 bytes'),
  ).toBeUndefined();
});
