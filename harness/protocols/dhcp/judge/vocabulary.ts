import { ARP } from '../../arp/judge/vocabulary.ts';
import { ICMP } from '../../icmp/judge/vocabulary.ts';
import { WDS_PROMPT_WORDS } from '../wire/wds.ts';
import { WIRE_CAUSES } from '../../base/judge/wire-words.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const OPTIONS = ['string', 'codes in wire order'] as const;
const USER_CLASS = ['string', 'option 77, by RFC 3004 or as bare text; `iPXE` once iPXE runs'] as const;
const VENDOR_OPTIONS = ['string', 'option 43: PXE’s sub-options in words, or that it is another vendor’s'] as const;
const OTHER_FILE = ['string', 'the `file` field when option 67 names another'] as const;
const POLLS = ['number', 'requests after the first'] as const;
const GRANT = {
  yiaddr: 'string',
  server: 'string',
  bootfile: 'string',
  otherFile: OTHER_FILE,
  nextServer: 'string',
  leaseSeconds: 'number',
  vendorClass: 'string',
  vendorOptions: VENDOR_OPTIONS,
  options: OPTIONS,
} as const;

/** The words of this room. */
export const DHCP = {
  steps: {
    'dhcp.discover': {
      about: 'the client looks for DHCP servers; one step per attempt',
      details: {
        arch: ['number', 'option 93'],
        attempt: ['number', 'counts within a transaction'],
        vendorClass: 'string',
        userClass: USER_CLASS,
        options: OPTIONS,
      },
    },
    'dhcp.offer': {
      about: 'a DHCP server offers an address in the same transaction, with option 54',
      details: GRANT,
      concurrent: true,
    },
    'dhcp.request': {
      about: 'the client asks for the address that was offered',
      details: {
        requested: 'string',
        server: 'string',
        vendorClass: 'string',
        userClass: USER_CLASS,
        options: OPTIONS,
      },
    },
    'dhcp.ack': {
      about: 'the chosen server leases the address that was asked for',
      details: GRANT,
    },
    'dhcp.nak': {
      about: 'the DHCP server refuses the address; recorded when the address is from an earlier lease',
      details: { server: 'string', message: 'string' },
      only: 'failed',
      expectable: true,
    },
    'dhcp.decline': {
      about: 'the client finds that its address is in use',
      details: { requested: 'string' },
      only: 'failed',
    },
    'dhcp.release': { about: 'the client gives its address back', details: GRANT, only: 'recorded' },
    'dhcp.inform': { about: 'the client asks for options only', details: GRANT, only: 'recorded' },
    'dhcp.other': { about: 'a message without a type, or of an unknown type', details: GRANT, only: 'recorded' },
    'proxydhcp.offer': {
      about: 'a boot server offers itself, without an address',
      details: {
        server: 'string',
        bootfile: 'string',
        nextServer: 'string',
        vendorClass: 'string',
        vendorOptions: VENDOR_OPTIONS,
        options: OPTIONS,
      },
      concurrent: true,
    },
    'proxydhcp.request': {
      about: 'the client asks a boot server that offered, or that it was referred to',
      details: {
        server: 'string',
        port: 'number',
        clientPort: 'number',
        architecture: ['number', 'option 250’s where a boot program asks, else option 93'],
        promptDone: 'string',
        vendorClass: 'string',
        userClass: USER_CLASS,
        vendorOptions: VENDOR_OPTIONS,
        options: OPTIONS,
      },
    },
    'proxydhcp.ack': {
      about: 'the boot server answers from port 4011 with a boot file, or tells its boot program what to do first',
      details: {
        server: 'string',
        bootfile: 'string',
        otherFile: OTHER_FILE,
        nextServer: 'string',
        vendorClass: 'string',
        bytes: ['number', 'length of the whole message'],
        clientPort: 'number',
        nextAction: ['string', '`approval`, `referral` or `abort`', ['approval', 'referral', 'abort']],
        requestId: 'number',
        pollIntervalSeconds: 'number',
        pollRetryCount: 'number',
        message: 'string',
        prompt: ['string', '`opt-in`, `no-prompt` or `opt-out`', WDS_PROMPT_WORDS],
        referralServer: 'string',
        bcdPath: 'string',
        vendorOptions: VENDOR_OPTIONS,
        options: OPTIONS,
      },
    },
    'wdsnbp.pending': {
      about: 'the computer has to wait for an administrator; recorded when it asks again before the decision',
      details: {
        server: 'string',
        requestId: 'number',
        pollIntervalSeconds: 'number',
        pollRetryCount: 'number',
        message: 'string',
        polls: POLLS,
      },
    },
    'wdsnbp.approved': {
      about: 'the administrator approves: the answer that ends the wait; failed when the client stops asking',
      details: { server: 'string', requestId: 'number', polls: POLLS, bootfile: 'string', message: 'string' },
    },
    'wdsnbp.rejected': {
      about: 'the administrator rejects the computer',
      details: { server: 'string', requestId: 'number', polls: POLLS, bootfile: 'string', message: 'string' },
      only: 'failed',
    },
    'wdsnbp.referral': {
      about: 'the boot program has to ask another server',
      details: { server: 'string', referralServer: 'string' },
    },
    'wdsnbp.prompt': {
      about: 'the boot program says that its user has answered the prompt',
      details: { prompt: 'string' },
    },
    'wdsnbp.answer': { about: 'an answer without an open request', details: { server: 'string' }, only: 'recorded' },
  },
  causes: {
    ...WIRE_CAUSES,
    ...ICMP.causes,
    'address-in-use': ARP.causes['address-in-use'],
    'dhcp-silent': {
      why: 'no DHCP server answered: see whether one runs on this network and has free addresses',
      code: 'PXE-E51',
    },
    'dhcp-class-unanswered': {
      why: 'a DHCP server answered this client before, in another class (vendor class 60, user class 77), and does not answer it in this one: see whether its settings leave this class out (a chain-loaded iPXE needs an answer of its own), else whether it still runs',
      code: 'PXE-E51',
    },
    'dhcp-ack-missing': {
      why: 'a server offered an address and then did not answer the request for it: look at its log and its lease file',
      code: 'PXE-E51',
      lacks: 'message',
    },
    'dhcp-nak': {
      why: 'the DHCP server refused the address that it (or another server) offered: look for two servers with the same range',
      code: 'PXE-E51',
    },
    'dhcp-wrong-transaction': {
      why: 'the answer belongs to another transaction: clients drop it; look for a server or relay that mixes up clients',
    },
    'dhcp-wrong-server': { why: 'a server other than the chosen one answered: look for a second DHCP server' },
    'dhcp-address-changed': { why: 'the acknowledged address is not the offered one: look at the server’s leases' },
    'dhcp-bad-header': {
      why: 'the fixed part of a DHCP message is wrong: clients and servers drop it; the frame shows who sent it',
    },
    'dhcp-no-address': {
      why: 'the offer has no address: the server’s range is empty, or the server assumed that the client has an address',
    },
    'dhcp-no-server-identifier': {
      why: 'the answer lacks option 54, so the client cannot choose this server: fix the server',
    },
    'dhcp-unoffered-request': {
      why: 'the client requests what no server offered: a firmware fault, or an offer that is missing from the capture',
    },
    'dhcp-unasked-answer': {
      why: 'an answer without a request: clients drop it; look for a duplicated or late message',
    },
    'offer-ignored': {
      why: 'the client took none of the offers: compare them with what its firmware needs (address, server identifier, option 60)',
      code: 'PXE-E16',
      lacks: 'message',
    },
    'no-boot-file': {
      why: 'no server named a boot file: set options 66 and 67, or start a proxyDHCP service',
      code: 'PXE-E53',
      lacks: 'message',
    },
    'proxydhcp-silent': {
      why: 'no boot server answered: see whether the proxyDHCP service runs and receives broadcasts and requests on port 4011',
      code: 'PXE-E55',
    },
    'proxydhcp-no-boot-file': {
      why: 'the boot server’s answer names no boot file: give it one for this architecture',
      code: 'PXE-E53',
      lacks: 'message',
    },
    'proxydhcp-wrong-port': {
      why: 'the boot server answered from a port other than 4011: clients drop that answer',
      code: 'PXE-E55',
    },
    'proxydhcp-wrong-server': { why: 'client and boot server name different servers: look for a second boot server' },
    'proxydhcp-never-asked': {
      why: 'the offer lacks a boot file and the client did not ask on port 4011: put the boot file into the offer, or set option 60 to PXEClient',
    },
    'proxydhcp-unasked-answer': { why: 'an answer of a boot server without a request: clients drop it' },
    'referral-unanswered': {
      why: 'the boot server referred the client to another one, which does not answer on port 4011: start that server, or remove the referral',
      code: 'PXE-E55',
    },
    'pxe-and-dhcp-both-on-67': {
      why: 'DHCP and PXE service of one host both answer on port 67, where only one of them gets what is sent to the host itself: let the PXE service keep off port 67 and set option 60 to PXEClient (WDS: “Do not listen on port 67”)',
    },
    'option-60-without-boot-server': {
      why: 'the DHCP server says by option 60 that its host is the boot server, and nothing answers there on port 4011: start the PXE service on that host, or remove option 60',
      code: 'PXE-E55',
    },
    'two-boot-servers': {
      why: 'more than one boot server offered itself, and the client asked one other than the scenario names: ROMs take the first offer; stop the other server, or let it answer only known computers',
    },
    'no-boot-file-for-architecture': {
      why: 'the boot services name boot files, but none for this client’s architecture (option 93): add one for it',
      code: 'PXE-E53',
    },
    'transport-server-only': {
      why: 'a server has boot files, but no server names them to clients: a transport server needs a PXE service beside it, or options 66 and 67 in DHCP',
      code: 'PXE-E53',
    },
    'unknown-computer-ignored': {
      why: 'the boot server answers only computers that it knows, and it did not answer this one: prestage it (pxewright clients prestage), or let unknown computers ask',
      code: 'PXE-E53',
    },
    'device-pending': {
      why: 'the computer waits for approval, and no administrator decided in time: approve it by its request id (pxewright clients approve), or let unknown computers boot',
    },
    'device-rejected': {
      why: 'an administrator rejected this computer: if that was a mistake, approve it (pxewright clients approve) or prestage it',
    },
    'prompt-unanswered': {
      why: 'the server’s prompt policy requires F12, and the user did not press it: press it, or set the policy to opt-out or no-prompt',
    },
  },
  waits: {
    dhcp: {
      ms: 60_000,
      about: 'EDK2 sends DISCOVER with timeouts of 4, 8, 16 and 32 s and then gives up; iPXE already after 15 s.',
    },
    proxy: {
      ms: 10_000,
      about: 'EDK2 asks port 4011 with timeouts of 1, 2, 3 and 4 s and then gives up; iPXE after 3.75 s.',
    },
    'proxy-request': {
      ms: 60_000,
      about: 'A proxy offer to the request on port 4011: the client first finishes its DHCP, up to a minute.',
    },
    approval: {
      ms: 60_000,
      about: 'A boot program’s next request while an administrator decides: WDS tells it to ask every 10 s.',
    },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
