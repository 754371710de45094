import { LOADING_CAUSES, TRANSFER_WAIT } from '../../base/judge/loading-words.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const SENDER = { server: ['string', 'address of the sender'] } as const;
const HOW_FAR = {
  bytes: ['number', 'of the slices that this receiver confirmed; of an asynchronous transfer, of those that were sent'],
  blocks: 'number',
  slices: ['number', 'parts of the image that are confirmed as a whole'],
  retransmissions: ['number', 'blocks that went again, whoever had asked for them'],
  askedAgain: ['number', 'blocks that this receiver asked for again'],
} as const;

/** The words of this room. */
export const MULTICAST = {
  steps: {
    'multicast.join': {
      about: 'a receiver asked for a sender and was let in; into an asynchronous transfer by its announcement',
      details: {
        ...SENDER,
        clientNumber: ['number', 'from 0; absent in an asynchronous transfer'],
        blockSize: 'number',
        group: ['string', 'where the image will go'],
        late: [
          'boolean',
          'true where a transfer to others ran when the receiver asked: it was let in to the next one; else absent',
        ],
        capabilities: ['string', 'of the sender, in hexadecimal: 1 groups, 8 big-endian, 20 asynchronous'],
      },
    },
    'multicast.join-request': {
      about: 'a receiver asked again',
      details: SENDER,
      only: 'recorded',
    },
    'multicast.join-reply': { about: 'a sender let a receiver in once more', details: SENDER, only: 'recorded' },
    'multicast.start': {
      about: 'the first block of the image came',
      details: {
        ...SENDER,
        group: 'string',
        receivers: ['number', 'that the sender has let in; absent in an asynchronous transfer'],
        by: ['string', '`receiver` where this one sent GO, else `sender`', ['receiver', 'sender']],
      },
    },
    'multicast.transfer': {
      about: 'the whole image came, and the receiver confirmed each slice of it (none in an asynchronous transfer)',
      details: {
        ...SENDER,
        group: 'string',
        ...HOW_FAR,
        blockSize: 'number',
        receivers: ['number', 'that had been let in when it began; absent in an asynchronous transfer'],
        wireBytes: ['number', 'bytes of the image on the wire meanwhile, once for all receivers'],
        fecBlocks: ['number', 'packets of forward error correction; absent without them'],
        confirmed: ['boolean', 'false for an asynchronous transfer: nobody says that the image came whole'],
        kbitPerSecond: ['number', 'confirmed bytes by the time from the first block to the last confirmation'],
      },
    },
    'multicast.leave': {
      about: 'the receiver left after the whole image; recorded where it left without',
      details: SENDER,
    },
    'multicast.unfinished': {
      about: 'what was seen of a transfer ended before the end of the image',
      details: {
        ...SENDER,
        ...HOW_FAR,
        unanswered: ['number', 'questions of the sender since the receiver last spoke'],
      },
      only: 'recorded',
    },
  },
  causes: {
    ...LOADING_CAUSES,
    'multicast-sender-silent': {
      why: 'no sender answered the receiver: see whether udp-sender runs on this network and with this port base, and whether a switch without an IGMP querier or a firewall drops groups and broadcasts',
    },
    'multicast-late-join': {
      why: 'the transfer had begun when the receiver asked, and a sender lets nobody in then: start the receivers first (--min-receivers, --max-wait), or send a second time',
    },
    'multicast-refused': {
      why: 'the sender has no room for another receiver: a point-to-point sender serves one, any other 1024',
    },
    'multicast-not-started': {
      why: 'the receiver was let in and the transfer did not begin: the sender waits for more receivers (--min-receivers, --max-wait) or for a key',
    },
    'multicast-not-in-group': {
      why: 'the receiver was let in and has nothing of the image, and has not said by IGMP that it is in the group to which the image goes: a switch that looks at IGMP then keeps the group from it; see whether the client or its firewall suppresses IGMP',
    },
    'multicast-dropped': {
      why: 'the sender went on without this receiver, which did not answer in time: it is too slow (its disk, its link), or hangs; limit the rate (--max-bitrate) or give it more time (--retries-until-drop)',
    },
  },
  waits: {
    'multicast-join': {
      ms: 60_000,
      about: 'A sender’s answer: receivers ask once, and again at each HELLO of a sender, which comes when it starts.',
    },
    'multicast-start': {
      ms: 300_000,
      about: 'The first block: the sender waits for all receivers that it is to have, as slow as the slowest boot.',
    },
    ...TRANSFER_WAIT,
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
