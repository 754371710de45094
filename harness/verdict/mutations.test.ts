import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientResult, Step } from '../../reports/result.ts';
import { IMAGE_PATH, WDS_INSTALL } from './testing/boot-scripts.ts';
import { CLIENT_MAC, conversation } from './testing/event-builders.ts';
import { MACHINE_SAMPLES } from './testing/machine-samples.ts';
import type { ProtocolEvent } from '../protocols/base/observe/seen.ts';
import { expecting, judgeEvents, planOf } from './testing/judge-script.ts';

const GOOD = conversation(WDS_INSTALL);
const PLAN = planOf({
  expectations: expecting(
    ['dhcp.offer'],
    ['proxydhcp.ack'],
    ['tftp.transfer', { path: 'boot/vmlinuz' }],
    ['tftp.transfer', { path: 'boot/initrd.img' }],
    ['dhcp.ack'],
    ['ntlm.authenticate'],
    ['smb.tree-connect', { share: 'REMINST' }],
    ['image.transfer', { path: IMAGE_PATH }],
    ['boot.complete'],
  ),
});

// What a person would compare: the verdict, and which steps happened how. Frame numbers and times shift with any
// change.
const essence = ({ verdict, steps }: ClientResult): string =>
  JSON.stringify([
    verdict,
    steps.map(({ step, verdict: outcome, detail, cause }: Step) => [step, outcome, detail, cause]),
  ]);
const baseline = essence(judgeEvents(GOOD, PLAN).client);
const noticed = (events: readonly ProtocolEvent[]): boolean => essence(judgeEvents(events, PLAN).client) !== baseline;

// What carries no evidence of its own: the end of a connection when all is done, and a meter's first event, which the
// observer never leaves out or repeats when it tells the last.
const MEANINGLESS = new Set(['tcp.closed', 'tftp.first-data', 'smb.first-read']);
const meaningful = GOOD.map((event, index) => ({ event, index })).filter(({ event }) => !MEANINGLESS.has(event.type));

const without = (index: number): ProtocolEvent[] => GOOD.filter((_, at) => at !== index);
const twice = (index: number): ProtocolEvent[] =>
  GOOD.flatMap((event, at) => (at === index ? [event, event] : [event]));
const swapped = (index: number): ProtocolEvent[] => {
  const events = [...GOOD];
  const [one, other] = [events[index], events[index + 1]];
  if (!one || !other) return events;
  // Reordered on the wire: the times stay in order, the contents change places.
  events[index] = { ...other, frame: one.frame, atUs: one.atUs };
  events[index + 1] = { ...one, frame: other.frame, atUs: other.atUs };
  return events;
};
const protocolOf = (event: ProtocolEvent | undefined): string => event?.type.split('.')[0] ?? '';
/** Two neighbours whose order means something: of one protocol, and not the same message twice. */
const ordered = (index: number): boolean => {
  const [one, other] = [GOOD[index], GOOD[index + 1]];
  return (
    protocolOf(one) === protocolOf(other) &&
    one?.type !== other?.type &&
    !MEANINGLESS.has(one?.type ?? '') &&
    !MEANINGLESS.has(other?.type ?? '')
  );
};

/** Every field of an event that a changed frame could change, as paths. */
function fieldsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (value instanceof Uint8Array) return value.length === 0 ? [] : [path];
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, [...path, key]));
}
function altered(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    if (value instanceof Uint8Array) return value.map((byte) => byte ^ 1);
    return typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${String(value)}x`;
  }
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === key ? altered(item, rest) : item));
  return { ...(value as object), [key]: altered((value as Record<string, unknown>)[key], rest) };
}

// Fields whose change a client or a person would feel. Not here: what a step does not claim (lease options of no
// interest, frame bookkeeping, latencies) and what the observer derives twice.
const MEANING: readonly (readonly [type: RegExp, field: RegExp])[] = [
  [/^dhcp\.offer$/, /^message\.(op|hlen|chaddr|xid|yiaddr|siaddr|file)$/],
  [/^dhcp\.request$/, /^message\.(op|hlen|chaddr|options\.[12]\.data)$/],
  [/^dhcp\.ack$/, /^message\.(op|hlen|chaddr|xid|yiaddr|siaddr|file|options\.[12]\.data)$/],
  [/^dhcp\./, /^message\.options\.\d\.code$/],
  [/^proxydhcp\.offer$/, /^message\.(op|chaddr|xid|siaddr|file)$/],
  [/^proxydhcp\.request$/, /^(to\.ip|message\.(op|chaddr|xid))$/],
  [/^proxydhcp\.ack$/, /^(from\.port|message\.(op|chaddr|xid|siaddr|file|length))$/],
  [/^arp\.reply$/, /^senderMac$/],
  [/^tftp\.read-request$/, /^(filename|mode|options\.\d\.(name|value)|server\.ip)$/],
  [/^tftp\.option-ack$/, /^options\.\d\.(name|value)$/],
  [/^tftp\.error$/, /^(code|by)$/],
  [/^tftp\.complete$/, /^(figures\.(bytes|retransmissions)|blocks|blksize|windowsize|tsize)$/],
  [/^rpc\.(bind|alter-context)-answer$/, /^(interface|version|level|result|maxTransmit|maxReceive)$/],
  [/^rpc\.auth3$/, /^(user|level)$/],
  [/^rpc\.endpoint-map$/, /^(callId|interface|version|ip|port|status)$/],
  [/^wds\.request$/, /^(callId|user|level|sealed|service|operation|opcode|bytes|fragments|values\.version)$/],
  [/^wds\.reply$/, /^(callId|user|level|sealed|service|operation|errorCode|bytes|values\.version)$/],
  [/^smb\.negotiate-response$/, /^(dialect|status|wildcard)$/],
  [/^smb\.session-setup-response$/, /^status$/],
  [/^ntlm\.challenge$/, /^targetName$/],
  [/^ntlm\.authenticate$/, /^(domain|user|workstation|anonymous)$/],
  [/^smb\.tree-connect-response$/, /^(path|status|shareType)$/],
  [/^smb\.dfs-referral$/, /^(path|status)$/],
  [/^smb\.open$/, /^(path|status|directory|endOfFile|fileId)$/],
  [/^smb\.close$/, /^(path|status|figures\.bytes|reads)$/],
  [/^wim\.header$/, /^(path|imageCount|bootIndex|partNumber|totalParts|xmlOffset|xmlSize|endOfFile)$/],
  [/^wim\.tail$/, /^(bytes|images\.\d\.name)$/],
];

/** How many of the mutants are noticed, and the names of those that are not. */
function survivors(
  mutate: (index: number) => ProtocolEvent[],
  chosen: (index: number) => boolean = () => true,
): string[] {
  return meaningful
    .filter(({ index }) => chosen(index))
    .filter(({ index }) => !noticed(mutate(index)))
    .map(({ event, index }) => `${index} ${event.type}`);
}

// Hundreds of boots are judged: seconds of CPU time, which a busy machine gives over a minute.
describe('a good boot, changed in one event', { timeout: 120_000 }, () => {
  it('passes unchanged', () => {
    expect(judgeEvents(GOOD, PLAN).client.verdict).toBe('passed');
  });

  it('is not the same without the event', () => {
    expect(survivors(without)).toEqual([]);
  });

  it('is not the same with the event twice', () => {
    expect(survivors(twice)).toEqual([]);
  });

  it('is not the same with two events in the other order', () => {
    // The DFS answer and the next TREE_CONNECT are independent: either may be first.
    expect(survivors(swapped, ordered)).toEqual([expect.stringMatching(/smb\.dfs-referral$/)]);
  });

  it('is not the same with a field altered that the protocol gives a meaning', () => {
    // One event of each type and path stands for the others.
    const tried = new Set<string>();
    const isNew = (name: string): boolean => tried.size < tried.add(name).size;
    const alive = GOOD.flatMap((event, index) =>
      fieldsOf(event)
        .filter((path) => MEANING.some(([type, field]) => type.test(event.type) && field.test(path.join('.'))))
        .filter((path) => isNew(`${event.type} ${'filename' in event ? event.filename : ''} ${path.join('.')}`))
        .filter(
          (path) => !noticed(GOOD.map((other, at) => (at === index ? (altered(other, path) as ProtocolEvent) : other))),
        )
        .map((path) => `${index} ${event.type} ${path.join('.')}`),
    );
    expect(alive).toEqual([]);
    expect(tried.size).toBeGreaterThan(160);
  });
});

describe('any events at all', { timeout: 120_000 }, () => {
  const any = [
    ...GOOD,
    ...MACHINE_SAMPLES.flatMap(
      (sample) => sample.events.filter((event) => event.type !== 'deadline') as ProtocolEvent[],
    ),
  ];
  const anyEvent = fc.record({
    index: fc.nat(any.length - 1),
    atUs: fc.integer({ min: -1_000_000, max: 400_000_000 }),
  });

  it('never throw, with and without a scenario, and always leave a result that fits', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), fc.boolean(), (picks, planned) => {
        const events = picks.flatMap(({ index, atUs }, at): ProtocolEvent[] => {
          const event = any[index];
          return event ? [{ ...event, frame: at + 1, atUs: event.atUs + atUs, client: CLIENT_MAC }] : [];
        });
        if (events.length === 0) return;
        const { client } = judgeEvents(events, planned ? PLAN : undefined, 1000);
        expect(['passed', 'failed']).toContain(client.verdict);
        for (const step of client.steps) {
          expect(step.durationMs).toBeGreaterThanOrEqual(0);
          // Whatever fails says why, in words that causes.ts holds for its cause.
          if (step.verdict === 'failed') expect(step.why, step.cause).toBeTruthy();
        }
      }),
      { numRuns: 300 },
    );
  });
});
