import { joinBytes } from '../../../packet/bytes.ts';
import { encodeText } from '../../../packet/text.ts';
import type { SmbScene } from './scene.ts';

const NEGOTIATE = 0x72;
const RESPONSE = 0x80;

/** An SMB1 NEGOTIATE with these dialects (MS-CIFS section 2.2.4.52.1). */
export function smb1Negotiate<S extends SmbScene>(scene: S, ...dialects: string[]): S {
  const words = joinBytes(
    dialects.map((dialect) => joinBytes([Uint8Array.of(2), encodeText(dialect), Uint8Array.of(0)])),
  );
  return scene.bytes(
    true,
    smb1(NEGOTIATE, 0, joinBytes([Uint8Array.of(0, words.length & 255, words.length >> 8), words])),
  );
}

/** Its answer: the index of a dialect, 0xffff for none (MS-CIFS section 2.2.4.52.2). */
export function smb1Answer<S extends SmbScene>(scene: S, index: number): S {
  return scene.bytes(false, smb1(NEGOTIATE, RESPONSE, Uint8Array.of(1, index & 255, index >> 8, 0, 0)));
}

/** Any other exchange in SMB1: a request, and an answer with an error of DOS. */
export function smb1Exchange<S extends SmbScene>(scene: S, command: number): S {
  return scene
    .bytes(true, smb1(command, 0, Uint8Array.of(0, 0, 0)))
    .bytes(false, smb1(command, RESPONSE, Uint8Array.of(0, 0, 0), 0x0005_0002));
}

function smb1(command: number, flags: number, body: Uint8Array, status = 0): Uint8Array {
  const header = new Uint8Array(32);
  header.set([
    0xff,
    0x53,
    0x4d,
    0x42,
    command,
    status & 255,
    (status >> 8) & 255,
    (status >> 16) & 255,
    status >> 24,
    flags,
  ]);
  const length = header.length + body.length;
  return joinBytes([Uint8Array.of(0, 0, length >> 8, length & 255), header, body]);
}
