import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';
import { RECORD_TYPES } from '../wire/message.ts';

const MESSAGE = {
  version: ['number', 'of IGMP, 1 to 3'],
  to: ['string', 'address that the message went to'],
  ttl: ['number', 'of its packet; 1 is right'],
  routerAlert: ['boolean', 'its IP header asks routers to look into it (RFC 2113), as versions 2 and 3 want'],
} as const;
const MEMBERSHIP = {
  group: 'string',
  use: [
    'string',
    'what the group is registered for, such as `mDNS`; absent for one that is nobody’s, as of a transfer',
  ],
  ...MESSAGE,
  record: ['string', 'of version 3', Object.keys(RECORD_TYPES)],
  sources: ['string', 'that the record names, with commas between'],
  hears: [
    'string',
    'whom the client wants to hear from then on, of version 3: `all`, `all but 10.0.0.8`, `10.0.0.8, 10.0.0.9` or `none`',
  ],
} as const;

/** The words of this room. */
export const IGMP = {
  steps: {
    'igmp.join': { about: 'the client joined a group', details: MEMBERSHIP },
    'igmp.report': {
      about:
        'the client answered a query for a group that it is in, or changed from whom it wants to hear there; recorded when it says the same again unasked, and when it is silent',
      details: { ...MEMBERSHIP, querier: ['string', 'address of the router that asked'] },
    },
    'igmp.leave': {
      about: 'the client left a group; recorded when it was not in it as far as the capture shows',
      details: MEMBERSHIP,
    },
    'igmp.query': {
      about: 'a router asked who is in a group that the client has named, or in any',
      details: {
        group: ['string', 'absent where it asked for all groups'],
        querier: ['string', 'address of the router'],
        ...MESSAGE,
        maxRespMs: ['number', 'how long hosts may take to answer'],
        sources: ['string', 'from which a member must want to hear to be asked, with commas between'],
        asks: ['string', 'the groups for which the client has to answer, with commas between'],
      },
    },
    'igmp.excess': {
      about: 'the client named more groups than are followed; what it says of further ones is no step',
      details: { group: 'string', followed: ['number', 'groups that are followed'] },
      only: 'recorded',
    },
  },
  causes: {
    'no-group': {
      why: 'the address is no group’s, since groups are 224.0.0.0 to 239.255.255.255: nobody can send to it or hear it, so look at the group that the client was told to join',
    },
    'igmp-forwarded': {
      why: 'a message about groups must have a time to live of 1, or multicast routers carry it to other links, whose hosts and routers take it for their own: look at the stack or router that sent it, and at what rewrites the time to live on the way',
    },
    'member-silent': {
      why: 'the client is in the group and did not answer the query in time: routers and snooping switches stop to send it the group’s packets, so see whether it still runs, and whether the query reached it',
    },
  },
  waits: {
    'group-report': {
      ms: 10_200,
      about:
        'A report that answers a query: the query’s own Max Resp Time (10 s by default, RFC 3376 section 8.3) and 200 ms for a timer that is late.',
    },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
