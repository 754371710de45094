/** What a line of udp-sender says; undefined for one that says nothing worth knowing. */
export type SenderSays =
  | { readonly says: 'waiting' }
  | { readonly says: 'receiver'; readonly client: string; readonly number: number }
  | { readonly says: 'started' }
  | { readonly says: 'progress'; readonly bytes: number; readonly resent: number }
  | { readonly says: 'dropped'; readonly number: number }
  | { readonly says: 'complete' };

// Lines of udp-sender 20120424. Numbers of bytes are in groups: `bytes= 20 000 000  re-xmits=0002636 ( 19.1%)`.
const RECEIVER = /^New connection from (\S+) +\(#(\d+)\)/;
const PROGRESS = /bytes=((?: *\d+)+)([KM]?) +re-xmits=(\d+)/;
const DROPPED = /Dropping client #(\d+)/;
const UNIT: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 * 1024 };

/** Reads one line; lines end with a carriage return or a newline. */
export function parseSenderLine(text: string): SenderSays | undefined {
  const line = text.trim();
  const [, client, number] = RECEIVER.exec(line) ?? [];
  if (client !== undefined) return { says: 'receiver', client, number: Number(number) };
  const [, dropped] = DROPPED.exec(line) ?? [];
  if (dropped !== undefined) return { says: 'dropped', number: Number(dropped) };
  const [, bytes, unit = '', resent] = PROGRESS.exec(line) ?? [];
  if (bytes !== undefined)
    return {
      says: 'progress',
      bytes: Number(bytes.replaceAll(' ', '')) * (UNIT[unit] ?? 1),
      resent: Number(resent),
    };
  if (line.startsWith('Broadcasting control to ')) return { says: 'waiting' };
  if (line.startsWith('Starting transfer')) return { says: 'started' };
  return line.startsWith('Transfer complete') ? { says: 'complete' } : undefined;
}
