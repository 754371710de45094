import type { Judging } from '../../base/judge/conversations.ts';
import type { ArpEvent } from '../observe/events.ts';
import { arpMachine } from './machine.ts';
import { watchPeers } from './peers.ts';

/** One conversation for each asking and asked address. */
export const arpJudging: Judging<ArpEvent, 'arp'> = {
  machines: { arp: { logic: arpMachine } },
  watch: watchPeers,
  hears: ['arp'],
  route: (event, conversations) => conversations.get('arp', questionOf(event)).send(event),
};

function questionOf({ type, senderIp, targetIp }: ArpEvent): string {
  return type === 'arp.request' ? `${senderIp}>${targetIp}` : `${targetIp}>${senderIp}`;
}
