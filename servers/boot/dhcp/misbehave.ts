import { ARCHITECTURES } from '../../../harness/protocols/dhcp/wire/architectures.ts';
import type { DhcpDraft } from '../../../harness/protocols/dhcp/wire/codec.ts';
import { ipOption } from '../../../harness/protocols/dhcp/wire/options.ts';
import type { DhcpMisbehaviour } from './config.ts';
import type { DhcpRequest } from './request.ts';

type How = keyof DhcpMisbehaviour;

/** What becomes of a reply, and the faults that made it so. `lost`: not sent, and why. */
export type Fate = { readonly misbehaved: readonly How[] } & (
  | { readonly draft: DhcpDraft; readonly delayMs: number }
  | { readonly lost: string }
);

// TEST-NET-1 (RFC 5737): an address that no server has.
const FOREIGN_SERVER = '192.0.2.1';

/** Who a reply is for. */
type Asker = Pick<DhcpRequest, 'mac' | 'architecture'>;

/** Applies the misbehaviour to reply number `nth` (from 1) of a server. Pure and counted: it repeats exactly. */
export function misbehave(draft: DhcpDraft, nth: number, how: DhcpMisbehaviour, asker: Asker): Fate {
  if (isSilent(how, nth, asker)) return { lost: 'configured to be silent', misbehaved: ['silent'] };
  const every = how['drop-every'];
  if (every !== undefined && nth % every === 0)
    return { lost: `configured to lose every reply number ${every}`, misbehaved: ['drop-every'] };
  const omitted = new Set(how['omit-options']);
  const { options, xid } = draft;
  const namesServer = options.some(({ code }) => code === 54);
  const came: readonly (How | false)[] = [
    how['wrong-server-id'] === true && namesServer && 'wrong-server-id',
    options.some(({ code }) => omitted.has(code)) && 'omit-options',
    how['wrong-xid'] === true && 'wrong-xid',
    how.delay !== undefined && 'delay',
  ];
  return {
    draft: {
      ...draft,
      xid: how['wrong-xid'] ? (xid + 1) >>> 0 : xid,
      options: options
        .map((option) => (option.code === 54 && how['wrong-server-id'] ? ipOption(54, FOREIGN_SERVER) : option))
        .filter((option) => !omitted.has(option.code)),
    },
    delayMs: how.delay ?? 0,
    misbehaved: came.filter((one) => one !== false),
  };
}

function isSilent({ silent }: DhcpMisbehaviour, nth: number, { mac, architecture }: Asker): boolean {
  if (silent === undefined) return false;
  if (silent === true) return true;
  if (silent.for?.includes(mac) === false) return false;
  if (silent.architectures?.every((word) => ARCHITECTURES[word] !== architecture)) return false;
  return nth > (silent.after ?? 0);
}

// 236 bytes of fixed fields, 4 of cookie, 1 of option 255 (RFC 2131 section 2).
const BARE_LENGTH = 241;
// Options that a client needs to boot are kept, in this order on the wire.
const ESSENTIAL = new Set([53, 54, 51, 1, 43, 60, 66, 67, 82, 97, 250, 252]);

const lengthOf = (option: { readonly data: Uint8Array }): number =>
  option.data.length + 2 * Math.max(1, Math.ceil(option.data.length / 255));

/** Length of a draft's message in bytes, without padding. */
export const messageLength = (draft: DhcpDraft): number =>
  BARE_LENGTH + draft.options.reduce((sum, option) => sum + lengthOf(option), 0);

/**
 * A draft that fits the length that the client takes (option 57): options that the client does not need are dropped,
 * the last first.
 */
export function fitted(draft: DhcpDraft, maxLength: number): { draft: DhcpDraft; dropped: number[] } {
  const options = [...draft.options];
  const dropped: number[] = [];
  for (let i = options.length - 1; i >= 0 && messageLength({ ...draft, options }) > maxLength; i--) {
    const option = options[i];
    if (!option || ESSENTIAL.has(option.code)) continue;
    options.splice(i, 1);
    dropped.push(option.code);
  }
  return { draft: { ...draft, options }, dropped };
}
