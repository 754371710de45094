import { SMB_PROTOCOL } from '../../harness/protocols/smb/wire/header.ts';

// The SMB1 front door: how Windows 7 opens a connection (reference trace, step 2), and how we learn that smbd answers.

/**
 * An SMB1 negotiate request (MS-CIFS 2.2.4.52.1) with the dialects that Windows 7 offers, after its length (MS-SMB2
 * 2.1).
 */
export function frontDoorRequest(): Buffer {
  const dialects = Buffer.from(
    ['NT LM 0.12', 'SMB 2.002', 'SMB 2.???'].map((dialect) => `\x02${dialect}\0`).join(''),
    'latin1',
  );
  const header = Buffer.alloc(32);
  header.write('\xffSMB\x72', 'latin1'); // protocol, SMB_COM_NEGOTIATE
  header[9] = 0x18; // flags: canonical, caseless paths
  header.writeUInt16LE(0xc853, 10); // flags2: unicode, NT status, extended security, long names, as in Windows 7's
  header.writeUInt16LE(0xfffe, 26); // process id that Windows uses before logon
  const parameters = Buffer.alloc(3); // no words, then the byte count
  parameters.writeUInt16LE(dialects.length, 1);
  const message = Buffer.concat([header, parameters, dialects]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/**
 * The dialect revision in a negotiate response (MS-SMB2 2.2.4: after a 64-byte header, structure size and security
 * mode), `undefined` while bytes are missing, `'not smb2'` when it is something else.
 */
export function negotiatedDialect(reply: Uint8Array): number | undefined | 'not smb2' {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  if (reply.byteLength < 4 + 64 + 6) return undefined;
  if (view.getUint32(4) !== SMB_PROTOCOL.smb2 || view.getUint16(4 + 12, true) !== 0) return 'not smb2';
  return view.getUint16(4 + 64 + 4, true);
}
