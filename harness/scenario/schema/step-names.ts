// The step vocabulary: every step that a state machine can emit and that a scenario can expect, with the details it carries.
// Steps are stable identifiers in the field's own words (harness/docs/steps.md explains each one).

interface StepWords {
  /** One sentence for editors that complete a scenario. */
  readonly about: string;
  /** Keys of the step's `detail` and what their values are. */
  readonly details: Readonly<Record<string, 'string' | 'number' | 'boolean'>>;
}

const TFTP_OPTIONS = { blksize: 'number', tsize: 'number', windowsize: 'number', msftwindow: 'number' } as const;

const RPC_BIND = {
  interface: 'string',
  version: 'string',
  level: 'number',
  maxTransmit: 'number',
  maxReceive: 'number',
} as const;
const WDS_PACKET = {
  operation: 'string',
  service: 'string',
  user: 'string',
  level: 'number',
  sealed: 'boolean',
  bytes: 'number',
  fragments: 'number',
  version: 'number',
  architecture: 'number',
  clientGuid: 'string',
  clientMac: 'string',
  messageType: 'number',
  transactionId: 'string',
  logLevel: 'number',
  flags: 'number',
  message: 'string',
} as const;

/** Every step by name. The order is that of a boot. */
export const STEPS = {
  'arp.request': { about: 'the client asks for the hardware address of another', details: { ip: 'string' } },
  'arp.reply': { about: 'a hardware address is told', details: { ip: 'string', mac: 'string' } },
  'arp.resolve': {
    about: 'somebody learned the hardware address of another; asker is who, unless it is the client',
    details: { ip: 'string', mac: 'string', asker: 'string' },
  },
  'arp.announce': { about: 'a client announces its own address', details: { ip: 'string', mac: 'string' } },
  'dhcp.discover': {
    about: 'the client asks who gives addresses',
    details: { arch: 'number', attempt: 'number', vendorClass: 'string' },
  },
  'dhcp.offer': {
    about: 'a DHCP server offers an address',
    details: {
      server: 'string',
      yiaddr: 'string',
      bootfile: 'string',
      nextServer: 'string',
      vendorClass: 'string',
      leaseSeconds: 'number',
    },
  },
  'dhcp.request': {
    about: 'the client asks for the offered address',
    details: { requested: 'string', server: 'string', vendorClass: 'string' },
  },
  'dhcp.ack': {
    about: 'the address is leased',
    details: {
      yiaddr: 'string',
      server: 'string',
      bootfile: 'string',
      nextServer: 'string',
      vendorClass: 'string',
      leaseSeconds: 'number',
    },
  },
  'dhcp.nak': { about: 'the DHCP server refuses the address', details: { server: 'string', message: 'string' } },
  'dhcp.decline': { about: 'the client found that its address is in use', details: { requested: 'string' } },
  'dhcp.release': { about: 'the client gives its address back', details: { server: 'string' } },
  'dhcp.inform': { about: 'the client asks for options only', details: { server: 'string' } },
  'proxydhcp.offer': {
    about: 'a boot server offers itself without an address',
    details: { server: 'string', bootfile: 'string', nextServer: 'string' },
  },
  'proxydhcp.request': {
    about: 'the client asks the boot server on port 4011',
    details: { server: 'string', port: 'number', clientPort: 'number', architecture: 'number', promptDone: 'string' },
  },
  'proxydhcp.ack': {
    about: 'the boot server names the boot file, or what its boot program has to do first',
    details: {
      server: 'string',
      bootfile: 'string',
      otherFile: 'string',
      nextServer: 'string',
      vendorClass: 'string',
      bytes: 'number',
      clientPort: 'number',
      nextAction: 'string',
      requestId: 'number',
      pollIntervalSeconds: 'number',
      pollRetryCount: 'number',
      message: 'string',
      prompt: 'string',
      referralServer: 'string',
      bcdPath: 'string',
    },
  },
  'wdsnbp.pending': {
    about: 'the computer has to wait for an administrator’s approval',
    details: {
      server: 'string',
      requestId: 'number',
      pollIntervalSeconds: 'number',
      pollRetryCount: 'number',
      message: 'string',
      polls: 'number',
    },
  },
  'wdsnbp.approved': {
    about: 'the administrator approved: the server names the next program',
    details: { server: 'string', requestId: 'number', polls: 'number', bootfile: 'string', message: 'string' },
  },
  'wdsnbp.rejected': {
    about: 'the administrator rejected: the server ends the network boot',
    details: { server: 'string', requestId: 'number', polls: 'number', bootfile: 'string', message: 'string' },
  },
  'wdsnbp.referral': {
    about: 'the server sends the boot program to another one',
    details: { server: 'string', referralServer: 'string' },
  },
  'wdsnbp.prompt': { about: 'the user has answered the boot program’s prompt', details: { prompt: 'string' } },
  'wdsnbp.answer': { about: 'an answer that no question waits for', details: { server: 'string' } },
  'tftp.read-request': {
    about: 'the client asks for a file',
    details: { path: 'string', server: 'string', ...TFTP_OPTIONS },
  },
  'tftp.write-request': { about: 'the client wants to write a file', details: { path: 'string' } },
  'tftp.option-ack': {
    about: 'the server agrees to options',
    details: { path: 'string', server: 'string', ...TFTP_OPTIONS },
  },
  'tftp.size-probe': {
    about: 'the client asked only for the size and aborted',
    details: { path: 'string', tsize: 'number' },
  },
  'tftp.transfer': {
    about: 'a file was transferred whole',
    details: {
      path: 'string',
      server: 'string',
      bytes: 'number',
      blocks: 'number',
      blksize: 'number',
      windowsize: 'number',
      retransmissions: 'number',
      gaps: 'number',
    },
  },
  'tftp.error': {
    about: 'an ERROR packet ended the transfer',
    details: { path: 'string', code: 'number', message: 'string', by: 'string' },
  },
  'tftp.anomaly': {
    about: 'a packet that does not fit those before it',
    details: { path: 'string', kind: 'string', op: 'string', by: 'string', block: 'number' },
  },
  'tftp.retransmission': {
    about: 'a block or its acknowledgement came again after the transfer was complete',
    details: { path: 'string', block: 'number', by: 'string' },
  },
  'tftp.unfinished': {
    about: 'a transfer ended before its file did',
    details: { path: 'string', bytes: 'number', blocks: 'number', retransmissions: 'number' },
  },
  'http.get': {
    about: 'a file was fetched by HTTP',
    details: { path: 'string', server: 'string', status: 'number', bytes: 'number' },
  },
  'http.head': {
    about: 'the client asked only for the size of a file',
    details: { path: 'string', server: 'string', status: 'number', bytes: 'number' },
  },
  'http.error': {
    about: 'the HTTP server refused',
    details: { path: 'string', server: 'string', status: 'number', bytes: 'number' },
  },
  'http.unfinished': {
    about: 'a transfer ended before its file did',
    details: { path: 'string', status: 'number', bytes: 'number' },
  },
  'tcp.connect': { about: 'a TCP connection was opened', details: { server: 'string', port: 'number' } },
  'tcp.syn': { about: 'the client asked again for a connection', details: { server: 'string', port: 'number' } },
  'tcp.established': { about: 'a connection was open already', details: { server: 'string', port: 'number' } },
  'tcp.reset': { about: 'a connection was reset', details: { server: 'string', port: 'number', by: 'string' } },
  'tcp.disorder': {
    about: 'segments of a connection came twice or out of turn',
    details: { server: 'string', port: 'number', repeated: 'number', late: 'number' },
  },
  'tcp.lost': {
    about: 'the capture missed bytes of a connection',
    details: { server: 'string', port: 'number', bytes: 'number', by: 'string' },
  },
  'smb.negotiate-request': { about: 'the client asked again before an answer came', details: {} },
  'smb.negotiate': {
    about: 'client and server agreed on an SMB dialect',
    details: { dialect: 'string', smb1: 'boolean', status: 'string' },
  },
  'smb.session-setup-request': { about: 'the client asked again before an answer came', details: {} },
  'smb.session-setup-response': { about: 'the server gave the same answer again', details: { status: 'string' } },
  'smb.session-setup': {
    about: 'the server answered the logon',
    details: { status: 'string', guest: 'boolean', user: 'string', authentication: 'string' },
  },
  'kerberos.as': {
    about: 'the KDC gave the user a ticket-granting ticket',
    details: { user: 'string', realm: 'string', service: 'string', encryption: 'string', carrier: 'string' },
  },
  'kerberos.tgs': {
    about: 'the KDC gave a ticket for a service',
    details: { user: 'string', realm: 'string', service: 'string', encryption: 'string', carrier: 'string' },
  },
  'kerberos.ap': {
    about: 'the client showed its ticket to a service',
    details: { service: 'string', realm: 'string', carrier: 'string' },
  },
  'kerberos.error': {
    about: 'the KDC refused, and the client may go on',
    details: { user: 'string', realm: 'string', service: 'string', code: 'number', error: 'string', status: 'string' },
  },
  'ntlm.negotiate': { about: 'the client begins NTLM', details: { carrier: 'string' } },
  'ntlm.challenge': { about: 'the server sent its NTLM challenge', details: { target: 'string', carrier: 'string' } },
  'ntlm.authenticate': {
    about: 'the client answered the challenge as a user, written DOMAIN\\user',
    details: { user: 'string', workstation: 'string', anonymous: 'boolean', carrier: 'string' },
  },
  'smb.tree-connect-request': { about: 'the client asked again before an answer came', details: { path: 'string' } },
  'smb.tree-connect': {
    about: 'the client connected a share',
    details: { path: 'string', share: 'string', status: 'string' },
  },
  'smb.dfs-referral': { about: 'the client asked for a DFS referral', details: { path: 'string', status: 'string' } },
  'smb.open': {
    about: 'the client opened a file or folder',
    details: { path: 'string', share: 'string', status: 'string' },
  },
  'smb.first-read': {
    about: 'the client read from a file whose opening the capture does not hold',
    details: { path: 'string', share: 'string' },
  },
  'smb.read': {
    about: 'the client read from a file',
    details: { path: 'string', share: 'string', bytes: 'number', reads: 'number' },
  },
  'smb.write': { about: 'the client wrote to a file', details: { path: 'string', share: 'string', bytes: 'number' } },
  'smb.rename': {
    about: 'the client gave a file another name',
    details: { path: 'string', to: 'string', share: 'string', status: 'string' },
  },
  'smb.close': { about: 'the client closed a file', details: { path: 'string', share: 'string' } },
  'smb.error': {
    about: 'the server refused a command',
    details: { command: 'string', path: 'string', share: 'string', status: 'string', offset: 'number' },
  },
  'smb.anomaly': { about: 'a message does not fit those before it', details: { reason: 'string' } },
  'smb.retried': { about: 'a message id was used twice', details: { reason: 'string' } },
  'smb.unfinished': { about: 'a file was never closed', details: { path: 'string', share: 'string' } },
  'smb.opaque': { about: 'what follows is encrypted or compressed', details: { reason: 'string' } },
  'isakmp.message': { about: 'key exchange for IPsec on UDP port 500', details: { exchange: 'string', by: 'string' } },
  'rpc.endpoint-map': {
    about: 'the endpoint mapper said where an interface listens',
    details: { interface: 'string', version: 'string', server: 'string', port: 'number' },
  },
  'rpc.bind': { about: 'the server accepted an RPC interface', details: RPC_BIND },
  'rpc.alter-context': {
    about: 'the server accepted another interface or logon on an RPC connection',
    details: RPC_BIND,
  },
  'rpc.auth3': {
    about: 'the client ended its NTLM logon over RPC; the next answer shows whether it was right',
    details: { user: 'string', level: 'number' },
  },
  'rpc.request': {
    about: 'a call to an RPC interface that is not judged further was answered',
    details: { interface: 'string', opnum: 'number', user: 'string', level: 'number', sealed: 'boolean' },
  },
  'rpc.fault': {
    about: 'the server refused an RPC call',
    details: { interface: 'string', opnum: 'number', operation: 'string', user: 'string', status: 'string' },
  },
  'rpc.other': { about: 'a PDU that asks for nothing and answers nothing', details: { name: 'string', by: 'string' } },
  'rpc.anomaly': { about: 'a PDU does not fit those before it', details: { reason: 'string' } },
  'wds.request': {
    about: 'the client asked the WDS control service, or reported to it; failed when it reports an error',
    details: { ...WDS_PACKET, opcode: 'number' },
  },
  'wds.reply': { about: 'the WDS control service answered', details: { ...WDS_PACKET, errorCode: 'number' } },
  'wds.error': {
    about: 'the WDS control service refused the operation',
    details: { ...WDS_PACKET, errorCode: 'number' },
  },
  'image.header': {
    about: 'the client read the header of a WIM',
    details: {
      path: 'string',
      images: 'number',
      bootIndex: 'number',
      endOfFile: 'number',
      part: 'number',
      parts: 'number',
    },
  },
  'image.tail': {
    about: 'the client read the XML at the end of a WIM; images are their names, architecture is that of all',
    details: { path: 'string', images: 'string', architecture: 'string', bytes: 'number' },
  },
  'image.transfer': {
    about:
      'the client read a whole image, or all that one image of a group needs: ownBytes of its file, sharedBytes of Res.rwm',
    details: {
      path: 'string',
      bytes: 'number',
      distinctBytes: 'number',
      endOfFile: 'number',
      whole: 'boolean',
      ownBytes: 'number',
      sharedBytes: 'number',
      sharedPath: 'string',
    },
  },
  'image.upload': {
    about: 'the client wrote a whole image to the share and gave it its name',
    details: {
      path: 'string',
      writtenAs: 'string',
      share: 'string',
      bytes: 'number',
      images: 'number',
      status: 'string',
    },
  },
  'boot.phase': { about: 'a phase took longer than its budget', details: { phase: 'string', budgetMs: 'number' } },
  'boot.complete': {
    about: 'everything that the boot needs from the network has happened',
    details: { phase: 'string' },
  },
} as const satisfies Readonly<Record<string, StepWords>>;

/** A step's stable name, `protocol.step`. */
export type StepName = keyof typeof STEPS;

/** All step names, in the order of a boot. */
export const STEP_NAMES = Object.keys(STEPS) as readonly StepName[];

/** Phases of a boot that a scenario can give a budget to; they are the phases of the Result. */
export const PHASE_NAMES = ['firmware', 'dhcp', 'proxy', 'nbp', 'kernel', 'os', 'authentication', 'image'] as const;
