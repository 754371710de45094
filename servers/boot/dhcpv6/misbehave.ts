import type { Dhcpv6Message } from '../../../harness/protocols/dhcpv6/wire/message.ts';
import { DHCPV6_OPTIONS, makeOption } from '../../../harness/protocols/dhcpv6/wire/options.ts';
import { DHCPV6_TYPES } from '../../../harness/protocols/dhcpv6/wire/types.ts';
import type { Dhcpv6Misbehaviour } from './config.ts';

type How = keyof Dhcpv6Misbehaviour;

/** What becomes of a reply, and the faults that made it so. `lost`: not sent, and why. */
export type Fate = { readonly misbehaved: readonly How[] } & (
  | { readonly reply: Dhcpv6Message; readonly delayMs: number }
  | { readonly lost: string }
);

/** A hardware address of the documentation (RFC 7042 section 2.1.2): nobody's. */
const NOBODY = { kind: 'link-layer', hardwareType: 1, address: '00:00:5e:00:53:01' } as const;

/** Applies the misbehaviour to reply number `nth` (from 1) of a server. Pure and counted: it repeats exactly. */
export function misbehave(reply: Dhcpv6Message, nth: number, how: Dhcpv6Misbehaviour): Fate {
  const { silent } = how;
  if (silent === true || (silent !== undefined && nth > silent.after))
    return { lost: 'configured to be silent', misbehaved: ['silent'] };
  const every = how['drop-every'];
  if (every !== undefined && nth % every === 0)
    return { lost: `configured to lose every reply number ${every}`, misbehaved: ['drop-every'] };
  const omitted = new Set(how['omit-options']);
  const has = ({ code }: { readonly code: number }): boolean => reply.options.some((option) => option.code === code);
  // The offer names the right server: one that is wrong throughout is just another server.
  const isWrongServer = how['wrong-server-id'] === true && reply.type === DHCPV6_TYPES.REPLY;
  const isWrongClient = how['wrong-client-id'] === true;
  const options = reply.options
    .map((option) => {
      if (option.code === DHCPV6_OPTIONS.serverId.code && isWrongServer) return makeOption('serverId', NOBODY);
      if (option.code === DHCPV6_OPTIONS.clientId.code && isWrongClient) return makeOption('clientId', NOBODY);
      return option;
    })
    .filter(({ code }) => !omitted.has(code));
  const transaction = how['wrong-xid'] === true ? (reply.transaction + 1) & 0xff_ffff : reply.transaction;
  const came: readonly (How | false)[] = [
    isWrongServer && has(DHCPV6_OPTIONS.serverId) && 'wrong-server-id',
    isWrongClient && has(DHCPV6_OPTIONS.clientId) && 'wrong-client-id',
    reply.options.some(({ code }) => omitted.has(code)) && 'omit-options',
    how['wrong-xid'] === true && 'wrong-xid',
    how.delay !== undefined && 'delay',
  ];
  return {
    reply: { ...reply, transaction, options },
    delayMs: how.delay ?? 0,
    misbehaved: came.filter((one) => one !== false),
  };
}
