import { CLIENT, observe } from '../../observe/testing/scene.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { LOGON } from '../../protocols/rpc/testing/control.ts';
import { CAPTURES } from './machine-captures.ts';

// What each state machine receives in its exhaustive test: events that an observer made of frames, so that no
// impossible event is among them.

type Kind = keyof typeof CAPTURES;

/** The events that a kind of state machine is sent. */
const TYPES: Readonly<Record<Kind, RegExp>> = {
  arp: /^arp\./,
  dhcp: /^dhcp\./,
  proxydhcp: /^proxydhcp\.|^dhcp\.(discover|offer|ack)$|^tftp\.read-request$/,
  wdsnbp: /^proxydhcp\./,
  tftp: /^tftp\./,
  tcp: /^tcp\./,
  http: /^http\./,
  smb: /^(smb|tcp|ntlm)\./,
  rpc: /^(rpc|wds|tcp)\.|^ntlm\.authenticate$/,
  ntlm: /^ntlm\./,
  image: /^wim\.(header|tail|damaged|set-read)$|^smb\.(first-read|close|unfinished)$/,
  upload: /^wim\.header-written$|^smb\.(first-write|write|write-refused|close|unfinished|rename)$/,
  kerberos: /^kerberos\./,
};

/** Fields in which events of one meaning differ: places in the capture, and times. */
const PLACES = new Set([
  ...['frame', 'atUs', 'requestFrame', 'firstFrame', 'lastFrame'],
  ...['durationUs', 'rttUs', 'transfer', 'connection'],
]);

/** The events that an observer reports to a kind of state machine from its captures, each meaning once. */
export function alphabetOf(kind: Kind): ProtocolEvent[] {
  const events = CAPTURES[kind]
    .flatMap(
      ({ frames }) =>
        observe(frames, { credentials: [LOGON], ...(kind === 'arp' ? { clients: [CLIENT.mac] } : {}) }).events,
    )
    .filter(({ type }) => TYPES[kind].test(type));
  const meaning = (event: ProtocolEvent): string =>
    JSON.stringify(event, (name, value: unknown) => (PLACES.has(name) ? undefined : value));
  return [...new Map(events.map((event) => [meaning(event), event])).values()];
}
