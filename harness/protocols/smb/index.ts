import { connectsTo } from '../base/judge/boot-meaning.ts';
import type { KerberosEvent } from '../kerberos/observe/events.ts';
import type { NtlmEvent } from '../ntlm/observe/events.ts';
import { defineProtocol } from '../protocol.ts';
import type { TcpEvent } from '../tcp/observe/events.ts';
import { smbJudging } from './judge/route.ts';
import { SMB } from './judge/vocabulary.ts';
import type { SmbEvent } from './observe/events.ts';
import { smbTransfers } from './observe/metered-transfer.ts';
import { SmbSession } from './observe/session.ts';
import { smbSpeaker } from './observe/signature.ts';
import { dissectSmb } from './wire/dissect.ts';
import { beginsSmb } from './wire/header.ts';
import { NETBIOS_SESSION_PORT, SMB_PORT } from './wire/ports.ts';

const seeksShare = (step: Parameters<typeof connectsTo>[0]): boolean =>
  step.step === 'smb.negotiate' || connectsTo(step, [SMB_PORT]);

export const smb = defineProtocol<SmbEvent, SmbEvent | TcpEvent | NtlmEvent | KerberosEvent>()({
  name: 'smb',
  about: 'Server Message Block 2 and 3 (MS-SMB2), with the SMB1 front door',
  over: ['ntlm', 'kerberos', 'tcp'],
  events: {
    'smb.negotiate-request': 'the client offers dialects',
    'smb.negotiate-response': 'the server chooses one',
    'smb.smb1-response': 'the server answers NEGOTIATE in SMB1',
    'smb.session-setup-request': 'the client continues its logon',
    'smb.session-setup-response': 'the server answers the logon',
    'smb.tree-connect-request': 'the client asks for a share',
    'smb.tree-connect-response': 'the server answers',
    'smb.dfs-referral': 'a DFS referral was asked for and answered',
    'smb.open': 'a CREATE was answered',
    'smb.first-read': 'the first data of an open file came',
    'smb.read-refused': 'a READ was refused',
    'smb.close': 'a CLOSE was answered: what the open read',
    'smb.first-write': 'the first data was written to an open file',
    'smb.write-refused': 'the first WRITE of an open that was refused',
    'smb.rename': 'a file got another name',
    'smb.write': 'what an open wrote',
    'smb.other': 'a command that no machine judges',
    'smb.unfinished': 'an open that read or wrote and was never closed',
    'smb.opaque': 'what follows on this connection cannot be read',
    'smb.anomaly': 'a message contradicts those before it',
  },
  words: SMB,
  closing: ['smb.unfinished'],
  unreachable: 'smb-unreachable',
  tcp: {
    ports: [SMB_PORT, NETBIOS_SESSION_PORT],
    beside: { [NETBIOS_SESSION_PORT]: `clients try NetBIOS sessions as well as port ${SMB_PORT}` },
    byPort: true,
    signature: smbSpeaker,
    open: (connection, fromStart, client) => new SmbSession(connection, fromStart, client),
  },
  transfers: smbTransfers,
  dissect: (bytes) => (beginsSmb(bytes) ? dissectSmb(bytes) : undefined),
  judge: smbJudging,
  boot: {
    speaker: 'system',
    means: (step) =>
      seeksShare(step) ? 'share-wanted' : step.step === 'smb.session-setup' ? 'session-given' : undefined,
    begins: { authentication: seeksShare },
    ends: { os: seeksShare, authentication: ({ step }) => step === 'smb.session-setup' },
  },
});
