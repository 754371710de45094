import { DHCP } from '../../dhcp/judge/vocabulary.ts';
import { NDP } from '../../ndp/judge/vocabulary.ts';
import { ICMP } from '../../icmp/judge/vocabulary.ts';
import { WIRE_CAUSES } from '../../base/judge/wire-words.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const OPTIONS = ['string', 'codes in wire order'] as const;
const SERVER = ['string', 'its DUID: `LLT c6:54:7d:b6:d5:ff`'] as const;
const ARCH = ['number', 'option 61 of the client that asked; absent where a system asks that does not boot'] as const;
const CLIENT_ID = ['string', 'its DUID, option 1'] as const;
const ASKED = {
  arch: ARCH,
  vendorClass: ['string', 'option 16'],
  userClass: ['string', 'option 15; `iPXE` once iPXE runs'],
  clientId: CLIENT_ID,
  options: OPTIONS,
} as const;
/** What a client says of an address that it has. */
const HELD = { ...ASKED, server: SERVER, requested: 'string' } as const;
const GRANT = {
  server: SERVER,
  address: ['string', 'of the first identity association; absent in an answer without addresses'],
  bootfile: ['string', 'option 59, a URL'],
  nextServer: ['string', 'host of that URL'],
  preference: ['number', 'option 7'],
  validSeconds: 'number',
  status: ['string', 'status code, where it is not Success'],
  dnsServers: ['string', 'option 23, with commas between'],
  arch: ARCH,
  vendorClass: ['string', 'option 16; HTTP boot takes only offers that say HTTPClient'],
  clientId: CLIENT_ID,
  options: OPTIONS,
} as const;

/** The words of this room. */
export const DHCPV6 = {
  steps: {
    'dhcpv6.solicit': {
      about: 'the client looks for DHCPv6 servers; one step per attempt',
      details: { ...ASKED, attempt: ['number', 'counts within a transaction'], rapidCommit: 'boolean' },
    },
    'dhcpv6.advertise': {
      about: 'a DHCPv6 server offers an address, in the same transaction and to this client',
      details: GRANT,
      concurrent: true,
    },
    'dhcpv6.request': {
      about: 'the client asks the server that it chose for the address that was offered',
      details: HELD,
    },
    'dhcpv6.reply': {
      about: 'the chosen server gives the address that was asked for, or the settings without one',
      details: GRANT,
    },
    'dhcpv6.information-request': {
      about: 'the client asks for settings only, as flag O of a router tells it',
      details: ASKED,
    },
    'dhcpv6.refused': {
      about: 'a server refuses by a status code; recorded where another one has offered an address',
      details: { server: SERVER, status: ['string', '`NoAddrsAvail`, … (RFC 8415 section 21.13)'], message: 'string' },
      only: 'failed',
      expectable: true,
    },
    'dhcpv6.confirm': { about: 'the client asks whether its address fits this link', details: HELD, only: 'recorded' },
    'dhcpv6.renew': { about: 'the client extends its lease', details: HELD, only: 'recorded' },
    'dhcpv6.rebind': { about: 'the client asks any server to extend its lease', details: HELD, only: 'recorded' },
    'dhcpv6.release': { about: 'the client gives its address back', details: HELD, only: 'recorded' },
    'dhcpv6.decline': {
      about: 'the client finds that its address is in use',
      details: { ...ASKED, requested: 'string' },
      only: 'failed',
    },
    'dhcpv6.reconfigure': { about: 'a server tells the client to ask anew', details: GRANT, only: 'recorded' },
    'dhcpv6.other': { about: 'a message of an unknown type', details: { options: OPTIONS }, only: 'recorded' },
  },
  causes: {
    ...WIRE_CAUSES,
    ...ICMP.causes,
    'address-in-use': NDP.causes['address-in-use'],
    'dhcpv6-silent': {
      why: 'no DHCPv6 server answered: see whether one runs on this network (or a relay), and has free addresses',
    },
    'dhcpv6-reply-missing': {
      why: 'a server offered an address and then did not answer the request for it: look at its log and its leases',
      lacks: 'message',
    },
    'dhcpv6-no-address': {
      why: 'the server has no address for this client (NoAddrsAvail, or none in its answer): extend its range, or let the router advertise how else hosts get addresses',
    },
    'dhcpv6-not-on-link': { why: 'the server says that the address does not fit this link: look at its prefixes' },
    'dhcpv6-refused': { why: 'the server refused by a status code: its message says why' },
    'dhcpv6-wrong-transaction': {
      why: 'the answer belongs to another transaction: clients drop it; look for a server that mixes up clients',
    },
    'dhcpv6-wrong-client': {
      why: 'the answer names another client (option 1), or none: clients drop it; look for a server or relay that mixes up clients',
    },
    'dhcpv6-wrong-association': {
      why: 'the answer is for another identity association (IAID) than the client asked for: clients drop it; look for a server that mixes them up',
    },
    'dhcpv6-wrong-server': { why: 'a server other than the chosen one answered: look for a second DHCPv6 server' },
    'dhcpv6-no-server-identifier': {
      why: 'the answer lacks option 2, so the client cannot choose this server: fix the server',
    },
    'dhcpv6-address-changed': { why: 'the address of the reply is not the offered one: look at the server’s leases' },
    'dhcpv6-unoffered-request': {
      why: 'the client requests what no server offered: a firmware fault, or an answer that is missing from the capture',
    },
    'dhcpv6-unasked-answer': {
      why: 'an answer without a request: clients drop it; look for a duplicated or late message',
    },
    'dhcpv6-offer-ignored': {
      why: 'the client took none of the offers: compare them with what its firmware needs (address, server identifier, boot file URL)',
      lacks: 'message',
    },
    'boot-file-url-unusable': {
      why: 'option 59 is no URL that firmware can load: give it a scheme, the server (an IPv6 address in brackets) and a path, such as tftp://[fd77::1]/snponly.efi',
    },
    'no-boot-file': DHCP.causes['no-boot-file'],
  },
  waits: { dhcp: DHCP.waits.dhcp },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
