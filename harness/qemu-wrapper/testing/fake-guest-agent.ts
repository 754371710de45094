import { duplexPair, type Duplex } from 'node:stream';

/** A command as qemu-ga would get it. */
export interface AskedOfAgent {
  readonly execute: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Whether the byte that ends half a request came before it. */
  readonly delimited: boolean;
}

/** The far end of a channel, which says what a test tells it to. */
export interface FakeGuestAgent {
  readonly stream: Duplex;
  /** Commands in the order in which they came. */
  readonly asked: AskedOfAgent[];
  say(text: string | Uint8Array): void;
  hangUp(): void;
}

/** `answer`: what it says to a command; undefined for nothing. It answers `guest-sync-delimited` by itself. */
export function fakeGuestAgent(answer: (asked: AskedOfAgent) => object | undefined): FakeGuestAgent {
  const [stream, far] = duplexPair();
  const asked: AskedOfAgent[] = [];
  let partial = Buffer.alloc(0);
  const say = (text: string | Uint8Array): void => void far.write(text);
  far.on('data', (chunk: Buffer) => {
    partial = Buffer.concat([partial, chunk]);
    for (let end = partial.indexOf('\n'); end >= 0; end = partial.indexOf('\n')) {
      const line = partial.subarray(0, end);
      partial = partial.subarray(end + 1);
      const delimiter = line.lastIndexOf(0xff);
      const message = JSON.parse(line.subarray(delimiter + 1).toString()) as Omit<AskedOfAgent, 'delimited'>;
      const command = { ...message, delimited: delimiter >= 0 };
      asked.push(command);
      if (command.execute === 'guest-sync-delimited') {
        say(Uint8Array.of(0xff));
        say(`${JSON.stringify({ return: command.arguments['id'] })}\n`);
        continue;
      }
      const answered = answer(command);
      if (answered !== undefined) say(`${JSON.stringify(answered)}\n`);
    }
  });
  return { stream, asked, say, hangUp: () => stream.destroy() };
}
