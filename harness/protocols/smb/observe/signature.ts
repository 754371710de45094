import { beginsSmb, NETBIOS_HEADER_LENGTH, SMB_PROTOCOL } from '../wire/header.ts';

/** SMB2_FLAGS_SERVER_TO_REDIR, in the lowest byte of Flags (MS-SMB2 section 2.2.1.2). */
const SMB2_FLAGS_AT = NETBIOS_HEADER_LENGTH + 16;
const SMB2_RESPONSE = 0x01;
/** SMB_FLAGS_REPLY (MS-CIFS section 2.2.3.1). */
const SMB1_FLAGS_AT = NETBIOS_HEADER_LENGTH + 9;
const SMB1_REPLY = 0x80;

/** Which side a message is of; an encrypted or compressed one shows nothing, and is taken for a client's. */
export function smbSpeaker(bytes: Uint8Array): 'client' | 'server' | undefined {
  if (!beginsSmb(bytes)) return undefined;
  const at = bytes[NETBIOS_HEADER_LENGTH];
  const isAnswer =
    at === SMB_PROTOCOL.smb2 >>> 24
      ? ((bytes[SMB2_FLAGS_AT] ?? 0) & SMB2_RESPONSE) !== 0
      : at === SMB_PROTOCOL.smb1 >>> 24 && ((bytes[SMB1_FLAGS_AT] ?? 0) & SMB1_REPLY) !== 0;
  return isAnswer ? 'server' : 'client';
}
