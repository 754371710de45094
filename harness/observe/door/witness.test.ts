import { expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';
import { HttpScene } from '../../protocols/http/testing/scene.ts';
import { onlyPorts, oneSide } from '../../run/testing/capture-faults.ts';
import { boot } from '../../verdict/testing/boot-story.ts';
import { CLIENT } from '../testing/scene.ts';
import { Witness } from './witness.ts';

const ETHERNET = 1;
const PORTS = [67, 68, 69, 4011];

function witnessed(frames: readonly Frame[]): { isOneSided: boolean; isFiltered: boolean } {
  const witness = new Witness();
  for (const { bytes, number } of frames) witness.packet(decodeFrame(bytes, ETHERNET), number);
  const { isOneSided, isFiltered } = witness;
  return { isOneSided, isFiltered };
}

const WHOLE = { isOneSided: false, isFiltered: false };
const booted = boot().wdsInstall().frames;
const unanswered = boot().offered().frames.slice(0, 2);

it.each<[string, readonly Frame[]]>([
  ['a whole boot', booted],
  ['questions that nobody answers', unanswered],
  ['a round for an address, by broadcasts', boot().dhcpRound().frames],
  [
    'a TFTP server that is down',
    boot()
      .dhcpRound()
      .arp()
      .also(({ tftp }) => tftp.request('a').wait(1e6).request('a')).frames,
  ],
])('%s is not the capture’s fault', (_, frames) => {
  expect(witnessed(frames)).toEqual(WHOLE);
});

it.each(['sent', 'received'] as const)('only what the client %s shows that the other direction is missing', (side) => {
  expect(witnessed(oneSide(booted, CLIENT.mac, side))).toEqual({ isOneSided: true, isFiltered: false });
});

it('client and server on one host are two sides', () => {
  const LOOPBACK = '127.0.0.1';
  const http = new HttpScene();
  http.client = { ...http.client, ip: LOOPBACK };
  http.server = { ...http.server, ip: LOOPBACK };
  const { frames } = http.connect().get('/a').respond('200 OK', ['Content-Length: 2'], 'ok');
  expect(witnessed(frames)).toEqual(WHOLE);
  const asked = frames.filter(({ bytes }) => decodeFrame(bytes, ETHERNET).tcp?.destinationPort === http.server.port);
  expect(witnessed(asked)).toEqual({ isOneSided: true, isFiltered: false });
});

it('requests without ARP and without a frame from another port show a filter by ports', () => {
  expect(witnessed(onlyPorts(booted, PORTS))).toEqual({ isOneSided: false, isFiltered: true });
  expect(witnessed([...onlyPorts(booted, PORTS), ...boot().arp().frames])).toEqual(WHOLE);
});
