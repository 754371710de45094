import type { Clients } from '../base/observe/shared-medium.ts';
import type { IgmpEvent } from '../igmp/observe/events.ts';
import { defineProtocol } from '../protocol.ts';
import { multicastJudging } from './judge/route.ts';
import { MULTICAST } from './judge/vocabulary.ts';
import type { MulticastEvent } from './observe/events.ts';
import { multicastTransfer } from './observe/metered-transfer.ts';
import { isUdpcast, MulticastObserver, udpcastEvidence } from './observe/observer.ts';
import { dissectUdpcast } from './wire/dissect.ts';
import { portsOfBase, RECEIVER_PORT } from './wire/ports.ts';

export const multicast = defineProtocol<MulticastEvent, MulticastEvent | IgmpEvent, Clients>()({
  name: 'multicast',
  about: 'one image to many clients at once, by udpcast (no specification; its source, and captures)',
  // A receiver has to say that it is in the group.
  over: ['igmp'],
  events: {
    'multicast.join-request': 'a receiver asks for a sender',
    'multicast.join-reply': 'the sender lets a receiver in, or refuses it',
    'multicast.announced': 'a sender announces a transfer that receivers cannot answer',
    'multicast.go': 'a receiver tells the sender to begin',
    'multicast.first-data': 'the first packet of the image that is for this receiver',
    'multicast.gap': 'a block of the image came ahead of the next one',
    'multicast.retransmission': 'a block of the image went again',
    'multicast.retransmit-request': 'a receiver lacks blocks of a slice',
    'multicast.slice-confirmed': 'a receiver has a whole slice',
    'multicast.complete': 'a receiver has the whole image, or has left after all of it where it cannot say so',
    'multicast.dropped': 'the sender went on without a receiver',
    'multicast.abandoned': 'the sender began another image while a receiver lacked some of this one',
    'multicast.leave': 'a receiver leaves',
    'multicast.unfinished': 'the transfer was given up',
  },
  words: MULTICAST,
  closing: ['multicast.unfinished'],
  shared: {
    claims: isUdpcast,
    udpPorts: portsOfBase(RECEIVER_PORT),
    observe: (clients, emit) => new MulticastObserver(clients, emit),
    evidence: udpcastEvidence,
  },
  transfers: () => multicastTransfer,
  dissect: (bytes, { wireLength }) => dissectUdpcast(bytes, wireLength),
  judge: multicastJudging,
  boot: {
    speaker: 'system',
    means: ({ step }) => (step === 'multicast.transfer' ? 'image-read' : undefined),
    begins: { image: ({ step }) => step === 'multicast.join' },
    ends: { image: ({ step }) => step === 'multicast.transfer' },
  },
});
