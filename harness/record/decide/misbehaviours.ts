import type { Step } from '../../../reports/result.ts';
import { DHCPV6_OPTIONS } from '../../protocols/dhcpv6/wire/options.ts';
import type { CauseName } from '../../protocols/words.ts';
import { seen, told, type CommentedMap } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Answerer } from '../facts/dhcp.ts';
import type { AskedFile } from '../facts/files.ts';
import { chosenServer, laterThan } from './dhcp.ts';
import type { Decision } from './decision.ts';
import { chosenDhcpv6 } from './ipv6.ts';
import { ACCESS_VIOLATION } from './file-tree.ts';

/** Longer than any client waits. */
const FOR_EVER = '10m';

interface Found {
  readonly facts: CaptureFacts;
  readonly failure: Step;
  /** The file that the failed step is about, as it was asked for last. */
  readonly file: AskedFile | undefined;
  /** Hosts that answered that a UDP port of theirs has no service. */
  readonly refusedPorts: ReadonlySet<string>;
}

type Misbehaviours = Decision['misbehaviours'];
type Rule = (found: Found) => Misbehaviours;

/**
 * What a lab's services have to do wrong, by the cause of a failure. Other causes need nothing: what the capture does not
 * show, no service of the scenario has either (no DHCP server, no boot file, a dead next server, a file that is missing).
 */
const RULES: Partial<Record<CauseName, Rule>> = {
  'dhcp-silent': ({ facts }) => silentAfter(chosenServer(facts)?.offers.length),
  'dhcp-ack-missing': ({ facts }) => silentAfter(chosenServer(facts)?.offers.length),
  'dhcp-nak': ({ facts }) => {
    const frame = chosenServer(facts)?.naks[0];
    return frame === undefined ? {} : { dhcp: { nak: seen(true, frame) } };
  },
  'dhcp-wrong-transaction': ({ failure }) => ({ dhcp: { 'wrong-xid': seen(true, failure.frames) } }),
  'dhcp-no-server-identifier': ({ failure }) => ({ dhcp: { 'omit-options': seen([54], failure.frames) } }),
  'dhcpv6-silent': ({ facts }) => silentDhcpv6(facts),
  'dhcpv6-reply-missing': ({ facts }) => silentDhcpv6(facts),
  'dhcpv6-no-address': ({ facts, failure }) =>
    chosenDhcpv6(facts)?.refusal === undefined ? {} : { dhcpv6: { 'no-address': seen(true, failure.frames) } },
  'dhcpv6-wrong-transaction': ({ failure }) => ({ dhcpv6: { 'wrong-xid': seen(true, failure.frames) } }),
  'dhcpv6-wrong-client': ({ failure }) => ({ dhcpv6: { 'wrong-client-id': seen(true, failure.frames) } }),
  'dhcpv6-wrong-server': ({ failure }) => ({ dhcpv6: { 'wrong-server-id': seen(true, failure.frames) } }),
  'dhcpv6-no-server-identifier': ({ failure }) => ({
    dhcpv6: { 'omit-options': seen([DHCPV6_OPTIONS.serverId.code], failure.frames) },
  }),
  'boot-file-url-unusable': ({ failure }) => ({ dhcpv6: { 'unusable-url': seen(true, failure.frames) } }),
  // A host without the service says so by ICMP, in a lab as well; one that says nothing has to be made silent.
  'tftp-silent': ({ file, refusedPorts }) =>
    file === undefined || refusedPorts.has(file.server) || file.port === 0
      ? {}
      : { tftp: { delay: told(FOR_EVER, `frame ${file.frame} is never answered`) } },
  'tftp-access-denied': ({ file }) =>
    file?.refused?.value === ACCESS_VIOLATION ? { tftp: { denied: [seen(file.path, file.refused.frame)] } } : {},
  'tftp-refused': ({ file }) =>
    file?.refused === undefined
      ? {}
      : { tftp: { 'error-after-block': seen(file.refused.acknowledged, file.refused.frame) } },
  'transfer-stalled': ({ file }) =>
    file?.broken === undefined
      ? {}
      : file.protocol === 'tftp'
        ? { tftp: { 'stall-after-block': seen(file.broken.value.blocks, file.broken.frame) } }
        : { http: { 'truncate-after': seen(file.broken.value.bytes, file.broken.frame) } },
  'transfer-size-mismatch': ({ failure, file }) => {
    const announced = optionOf(file?.granted?.value, 'tsize');
    const bytes = failure.detail?.['bytes'];
    return announced !== undefined && typeof bytes === 'number' && file?.granted
      ? { tftp: { 'wrong-tsize': seen(announced - bytes, [file.granted.frame, ...failure.frames]) } }
      : {};
  },
  'tftp-illegal-option-ack': ({ file }) => {
    const more = (optionOf(file?.granted?.value, 'blksize') ?? 0) - (optionOf(file?.asked, 'blksize') ?? 0);
    return more > 0 && file?.granted ? { tftp: { 'oack-enlarges-blksize': seen(more, file.granted.frame) } } : {};
  },
  'http-silent': ({ file }) =>
    file === undefined ? {} : { http: { delay: told(FOR_EVER, `frame ${file.frame} is never answered`) } },
  'http-access-denied': httpStatus,
  'http-refused': httpStatus,
  'pxe-and-dhcp-both-on-67': laterOffer,
  'rpc-bind-refused': ({ facts }) => {
    const { bindRefused } = facts.share;
    return bindRefused === undefined ? {} : { control: { 'refuse-bind': seen(bindRefused.value, bindRefused.frame) } };
  },
  'wds-refused': controlRefusals,
  'rpc-operation-unknown': controlRefusals,
  'rpc-refused': controlRefusals,
};

/** What the services have to do wrong, so that the boot fails at that step and for that cause. */
export function misbehavioursOf(
  failure: Step | undefined,
  facts: CaptureFacts,
  refusedPorts: ReadonlySet<string>,
): Misbehaviours {
  const rule = RULES[(failure?.cause ?? '') as CauseName];
  if (failure === undefined || rule === undefined) return {};
  const path = failure.detail?.['path'];
  const file = facts.files.files.findLast((one) => path === undefined || one.path === path);
  return rule({ facts, failure, file, refusedPorts });
}

function optionOf(options: AskedFile['asked'] | undefined, name: string): number | undefined {
  const text = options?.find((option) => option.name === name)?.value;
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function silentAfter(answers: number | undefined): Misbehaviours {
  return answers === undefined ? {} : { dhcp: { silent: told({ after: Math.min(answers, 1) }, 'no further answer') } };
}

function silentDhcpv6(facts: CaptureFacts): Misbehaviours {
  const answers = chosenDhcpv6(facts)?.answers;
  return answers === undefined ? {} : { dhcpv6: { silent: told({ after: answers }, 'no further answer') } };
}

/** What the deployment client asks first once it is logged on, and its call cannot be read any more. */
const SEALED = 'IMG_ENUMERATE';

/** Two services of one host answer a DISCOVER: the one that was later there has to be later in a lab as well. */
function laterOffer({ facts }: Found): Misbehaviours {
  const firstOf = (servers: ReadonlyMap<string, Answerer>): number =>
    Math.min(...[...servers.values()].flatMap(({ offers }) => offers));
  const [dhcp, pxe] = [firstOf(facts.dhcp.servers), firstOf(facts.dhcp.bootServers)];
  return dhcp < pxe ? { pxe: { delay: laterThan(pxe, dhcp) } } : { dhcp: { delay: laterThan(dhcp, pxe) } };
}

function httpStatus({ file }: Found): Misbehaviours {
  return file?.refused === undefined ? {} : { http: { status: seen(file.refused.value, file.refused.frame) } };
}

function controlRefusals({ facts }: Found): Misbehaviours {
  const of = (kind: 'error' | 'fault', key: string): CommentedMap => {
    const refused = facts.share.refusals.filter((one) => one.kind === kind);
    return refused.length === 0
      ? {}
      : {
          [key]: Object.fromEntries(
            refused.map(({ operation, code, frame }) => [
              operation || SEALED,
              seen(code, frame, operation === '' ? 'a sealed call: the first one lists the images' : ''),
            ]),
          ),
        };
  };
  const control = { ...of('error', 'errors'), ...of('fault', 'faults') };
  return Object.keys(control).length === 0 ? {} : { control };
}
