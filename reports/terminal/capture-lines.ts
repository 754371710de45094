import { addressOf } from '../client-addresses.ts';
import { clientFacts, wallClock } from '../client-facts.ts';
import type { ClientResult, ScenarioResult } from '../result.ts';
import type { ShownClients } from '../shown-clients.ts';
import { plural, printable } from '../text.ts';
import { painter, VERDICT_INK, verdictSign, type TerminalStyle } from './style.ts';
import { wrapWords } from './width.ts';
import { needsAttention } from '../worst-verdict.ts';

// What the text of a replay begins with: the capture, what is wrong with it, and whose frames it holds.

const KEY_WIDTH = 10;
/** Characters of a sentence. */
const MAX_SENTENCE = 1000;
/** Folded clients that are named. */
const MAX_NAMED = 6;

/** The capture in one line, a paragraph for each of its flaws, a line for each client, and what was noticed of it. */
export function captureLines(
  { capture }: ScenarioResult,
  clients: ShownClients,
  style: TerminalStyle,
  columns?: number,
): string[] {
  if (capture === undefined) return [];
  const paint = painter(style);
  const keyed = (key: string, text: string): string => `  ${paint('gray', key.padEnd(KEY_WIDTH))} ${text}`;
  const width = Math.max(20, (columns ?? Number.POSITIVE_INFINITY) - KEY_WIDTH - 3);
  const paragraph = (key: string, text: string): string[] =>
    wrapWords(text.split(' '), width).map((line, index) => keyed(index === 0 ? key : '', line));
  return [
    keyed('capture', `${printable(capture.file)}  ${plural(capture.frames, 'frame')}${startOf(clients)}`),
    ...(capture.quality ?? []).flatMap(({ kind, what, firstFrame }) =>
      paragraph(
        kind,
        `${printable(what, MAX_SENTENCE)}${firstFrame === undefined ? '' : ` (first: frame ${firstFrame})`}`,
      ),
    ),
    ...clients.shown.map((client, index) => keyed(index === 0 ? 'clients' : '', clientLine(client, style))),
    ...clients.shown.flatMap((client) =>
      noticedOf(client, clients.shown.length > 1).flatMap((text) =>
        paragraph('noticed', printable(text, MAX_SENTENCE)),
      ),
    ),
    ...paragraph(clients.shown.length === 0 ? 'clients' : '', foldedText(clients, style)).filter(
      () => clients.folded.length > 0,
    ),
    '',
  ];
}

/** What was noticed of a client in order; the summary says what was of one that is not. */
function noticedOf(client: ClientResult, isNamed: boolean): string[] {
  if (needsAttention(client)) return [];
  return (client.findings ?? []).map((text) => (isNamed ? `${client.name}: ${text}` : text));
}

function startOf({ shown, folded }: ShownClients): string {
  const [first] = [...shown, ...folded].flatMap(({ startedAt }) => startedAt ?? []).sort();
  return first === undefined ? '' : `  from ${wallClock(first)}`;
}

function clientLine(client: ClientResult, style: TerminalStyle): string {
  const { name, mac, verdict } = client;
  return [
    painter(style)(VERDICT_INK[verdict], verdictSign(verdict, style)),
    ...[...(name === mac ? [] : [name]), ...(mac === '' ? [] : [mac]), ...clientFacts(client)].map((text) =>
      printable(text),
    ),
  ].join('  ');
}

function foldedText({ shown, folded }: ShownClients, style: TerminalStyle): string {
  const named = folded
    .slice(0, MAX_NAMED)
    .map((client) => `${verdictSign(client.verdict, style)} ${printable(nameInRow(client))}`);
  const more = folded.length - named.length;
  const who = folded.every(({ booting }) => booting === false)
    ? `${plural(folded.length, shown.length === 0 ? 'host' : 'other host')} that ${folded.length === 1 ? 'does' : 'do'} not boot over the network`
    : plural(folded.length, 'other client');
  return `${who}: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}; --all shows them, --client ADDRESS one of them`;
}

function nameInRow(client: ClientResult): string {
  const address = addressOf(client);
  return client.ip === undefined || client.ip === address ? address : `${address} (${client.ip})`;
}
