import type { Step } from '../../reports/result.ts';
import { configuredBy, isProbeName } from '../protocols/base/judge/path-names.ts';
import { FIRST_QUESTIONS, type CauseName, type STEPS, type StepName } from '../protocols/words.ts';

type Telling = { readonly [N in StepName]?: readonly (keyof (typeof STEPS)[N]['details'])[] };

/**
 * The steps that tell a boot's story, and the details of each that do. They are what a recorded scenario expects, and what
 * a comparison of two boots looks at. Left out is what differs from boot to boot though nothing is different: addresses
 * that caches resolve, how often a client asks, times, identifiers, a server's order of options.
 */
const TELLING: Telling = {
  'dhcp.discover': ['arch', 'userClass'],
  'dhcp.offer': ['yiaddr', 'server', 'bootfile'],
  'dhcp.request': ['requested', 'server'],
  'dhcp.ack': ['yiaddr', 'server', 'bootfile'],
  'dhcp.nak': ['server'],
  'dhcp.decline': ['requested'],
  'dhcpv6.solicit': ['arch', 'userClass'],
  'dhcpv6.advertise': ['bootfile'],
  'dhcpv6.request': [],
  'dhcpv6.reply': ['bootfile'],
  'dhcpv6.information-request': ['arch', 'userClass'],
  'proxydhcp.offer': ['server', 'bootfile'],
  'proxydhcp.request': ['server', 'port', 'architecture'],
  'proxydhcp.ack': ['server', 'bootfile', 'nextAction', 'prompt', 'referralServer'],
  'wdsnbp.pending': ['server'],
  'wdsnbp.approved': ['server', 'bootfile'],
  'wdsnbp.rejected': ['server'],
  'wdsnbp.referral': ['server', 'referralServer'],
  'wdsnbp.prompt': ['prompt'],
  'tftp.read-request': ['path', 'server'],
  'tftp.option-ack': ['path', 'blksize', 'windowsize'],
  'tftp.size-probe': ['path'],
  'tftp.transfer': ['path', 'server', 'bytes', 'blksize', 'windowsize'],
  'tftp.error': ['path', 'code', 'by'],
  'http.get': ['path', 'server', 'status', 'bytes'],
  'http.head': ['path', 'server', 'status'],
  'http.error': ['path', 'server', 'status'],
  'tcp.connect': ['server', 'port'],
  'smb.negotiate': ['dialect'],
  'smb.session-setup': ['status', 'guest', 'user', 'authentication'],
  'smb.tree-connect': ['share', 'status'],
  'smb.error': ['command', 'path', 'status'],
  'ntlm.authenticate': ['user', 'carrier'],
  'kerberos.as': ['user', 'error'],
  'kerberos.tgs': ['service', 'error'],
  'rpc.endpoint-map': ['interface', 'server', 'port'],
  'rpc.bind': ['interface', 'level'],
  'rpc.auth3': ['user', 'level'],
  'rpc.fault': ['interface', 'operation', 'status'],
  'wds.request': ['operation', 'messageType'],
  'wds.reply': ['operation', 'errorCode'],
  'wds.error': ['operation', 'errorCode'],
  'image.header': ['path', 'images'],
  'image.tail': ['path', 'images'],
  'image.transfer': ['path', 'whole'],
  'image.upload': ['path', 'status'],
};

/** Steps that only tell something where they fail. */
const ONLY_FAILED: ReadonlySet<string> = new Set<StepName>(['tcp.connect']);

/**
 * A boot program looks at its configuration before it reads it. GRUB closes the file at once, and whether a whole short file
 * came before that is chance: only that it is read tells something.
 */
const LOOKS: ReadonlySet<string> = new Set<StepName>(['tftp.read-request', 'tftp.option-ack', 'tftp.size-probe']);

/** Rooms in which a client's network stack asks for itself as well, in its own time: without an architecture. */
const ASKS_FOR_ITSELF = 'dhcpv6.';

/** A client repeats its first question as long as it likes. */
export const isResend = ({ step, detail }: Step): boolean =>
  FIRST_QUESTIONS.has(step) && Number(detail?.['attempt'] ?? 1) > 1;

/** A detail's name and value. */
export type Detail = readonly [key: string, value: string | number | boolean];

/** Whether a step is a sealed call whose judge did not know the password; another one may. */
export const isUnread = ({ detail }: Step): boolean => detail?.['operation'] === '';

/** The telling details of a step that has them; undefined for a step that tells nothing of the story. */
export function tellingDetails(told: Step): Detail[] | undefined {
  const { step, verdict, detail = {} } = told;
  const isOwnName = isProbeName(String(detail['path'] ?? ''));
  const isTry = isOwnName && step === 'tftp.read-request';
  const isOfStack = step.startsWith(ASKS_FOR_ITSELF) && detail['arch'] === undefined;
  const configures = configuredBy(String(detail['path'] ?? ''));
  const isLook = LOOKS.has(step) && !isOwnName && configures !== undefined;
  if (((ONLY_FAILED.has(step) || isTry || isLook || isOfStack) && verdict !== 'failed') || isUnread(told))
    return undefined;
  return TELLING[step as StepName]?.flatMap((key: string): Detail[] => {
    const value = detail[key];
    // A boot program tries several names for its configuration. Which of them a server has, and for which client it made
    // what is in it, tells nothing: a lab writes one that names what Secure Boot needs, which no frame of the firmware shows.
    const isOfClient = (isOwnName && key === 'path') || ((isOwnName || configures === 'GRUB') && key === 'bytes');
    return value === undefined || isOfClient ? [] : [[key, value]];
  });
}

/**
 * What a judge that knows the accounts, as a lab's does, says in place of a cause that a capture shows: RPC denies access
 * to a user who may not, to a wrong password and to an unknown name alike, and NT's LOGON_FAILURE is for both of the latter.
 */
const MORE_EXACT: Partial<Record<string, readonly CauseName[]>> = {
  'rpc-access-denied': ['wrong-password', 'unknown-user'],
  'wrong-password': ['unknown-user'],
} satisfies Partial<Record<CauseName, readonly CauseName[]>>;

/** Whether a judge that knows the accounts may say `exact` where another says `cause`. */
export const isMoreExact = (exact: string, cause: string): boolean =>
  MORE_EXACT[cause]?.some((one) => one === exact) ?? false;
