import { describe, expect, test } from 'vitest';
import type { ProtocolEvent } from '../../events.ts';
import { observe } from '../../../observe/testing/scene.ts';
import { answer, ask, fileIdOf, SmbScene } from '../testing/scene.ts';
import { wimBytes } from '../../wim/testing/bytes.ts';

const FILE = fileIdOf(1);
const PARTIAL = 'Images\\Linux\\captured.wim.partial';
const DISK_FULL = 0xc000_007f;
const WIM = wimBytes(200_000);

/** The header that a writer begins with: FLAG_HEADER_WRITE_IN_PROGRESS set. */
function begun(): Uint8Array {
  const bytes = WIM.slice();
  bytes[16] = (bytes[16] ?? 0) | 0x40;
  return bytes;
}

function writing(path = PARTIAL): SmbScene {
  return new SmbScene()
    .connect()
    .exchange(ask.negotiate(0x0210), answer.negotiate(0x0210))
    .exchange(ask.create(path), answer.create(FILE, 0));
}

function facts(scene: SmbScene): Record<string, unknown>[] {
  // The scene has no session: what does not fit because of that is not meant here.
  return scene
    .events()
    .filter(({ type }) => type !== 'smb.anomaly')
    .slice(5)
    .map(({ client: _client, atUs: _atUs, ...event }) => {
      const {
        connection: _connection,
        server: _server,
        ...rest
      } = event as ProtocolEvent & { connection?: string; server?: unknown };
      return rest;
    });
}

describe('an image that is written', () => {
  test('is told by its first write, the headers in it, their sum at the close, and its new name', () => {
    const scene = writing()
      .exchange(ask.write(FILE, 0, begun().slice(0, 100_000)), answer.write(100_000))
      .exchange(ask.write(FILE, 100_000, WIM.slice(100_000)), answer.write(100_000))
      .exchange(ask.write(FILE, 0, WIM.slice(0, 4096)), answer.write(4096))
      .exchange(ask.rename(FILE, 'Images\\Linux\\captured.wim'), answer.rename())
      .exchange(ask.close(FILE), answer.close());
    expect(facts(scene)).toMatchObject([
      { type: 'smb.first-write', path: PARTIAL, offset: 0, length: 100_000 },
      { type: 'wim.header-written', path: PARTIAL, complete: false, imageCount: 1 },
      { type: 'wim.header-written', path: PARTIAL, complete: true, imageCount: 1, endsAt: WIM.length },
      { type: 'smb.rename', path: PARTIAL, to: 'Images\\Linux\\captured.wim', replaceIfExists: false, status: 0 },
      { type: 'smb.write', path: PARTIAL, bytes: 204_096, writes: 3 },
      { type: 'smb.close', path: PARTIAL },
    ]);
  });

  test('is judged from the bytes that the evidence keeps', () => {
    const scene = writing()
      .exchange(ask.write(FILE, 0, WIM), answer.write(WIM.length))
      .exchange(ask.close(FILE), answer.close());
    const whole = observe(scene.frames);
    expect(whole.trimmed.reduce((sum, frame) => sum + frame.bytes.length, 0)).toBeLessThan(40_000);
    expect(observe(whole.trimmed).events).toEqual(whole.events);
  });

  test('says once for each open that the server did not write', () => {
    const scene = writing();
    for (const offset of [0, 50_000])
      scene.exchange(ask.write(FILE, offset, new Uint8Array(50_000)), answer.refused('write', DISK_FULL));
    expect(facts(scene).filter(({ type }) => type === 'smb.write-refused')).toMatchObject([
      { path: PARTIAL, offset: 0, length: 50_000, statusName: 'STATUS_DISK_FULL' },
    ]);
  });

  test('what does not decode as a header is told as none; other files are not looked at', () => {
    const junk = writing().exchange(ask.write(FILE, 0, new Uint8Array(300)), answer.write(300));
    expect(facts(junk).find(({ type }) => type === 'wim.header-written')).toMatchObject({
      complete: false,
      reason: expect.stringContaining('MSWIM') as string,
    });
    const other = writing('notes.txt').exchange(ask.write(FILE, 0, WIM.slice(0, 4096)), answer.write(4096));
    expect(facts(other).map(({ type }) => type)).not.toContain('wim.header-written');
  });
});
