// The step vocabulary: every step that a machine can emit and that a scenario can expect, with the details it carries.
// Steps are stable identifiers in the field's own words (harness/docs/steps.md explains each one).

interface StepWords {
  /** One sentence for editors that complete a scenario. */
  readonly about: string;
  /** Keys of the step's `detail` and what their values are. */
  readonly details: Readonly<Record<string, 'string' | 'number' | 'boolean'>>;
}

/** Every step by name. The order is that of a boot. */
export const STEPS = {
  'arp.resolve': { about: 'the client learned the hardware address of a server', details: { ip: 'string', mac: 'string' } },
  'dhcp.discover': { about: 'the client asks who gives addresses', details: { arch: 'number', attempt: 'number', vendorClass: 'string' } },
  'dhcp.offer': { about: 'a DHCP server offers an address', details: { server: 'string', yiaddr: 'string', bootfile: 'string', nextServer: 'string' } },
  'dhcp.request': { about: 'the client asks for the offered address', details: { requested: 'string', server: 'string' } },
  'dhcp.ack': { about: 'the address is leased', details: { yiaddr: 'string', server: 'string', bootfile: 'string', nextServer: 'string', leaseSeconds: 'number' } },
  'dhcp.nak': { about: 'the DHCP server refuses the address', details: { server: 'string', message: 'string' } },
  'proxydhcp.offer': { about: 'a boot server offers itself without an address', details: { server: 'string', bootfile: 'string' } },
  'proxydhcp.request': { about: 'the client asks the boot server on port 4011', details: { server: 'string', port: 'number' } },
  'proxydhcp.ack': { about: 'the boot server names the boot file', details: { server: 'string', bootfile: 'string', bytes: 'number' } },
  'tftp.read-request': { about: 'the client asks for a file', details: { path: 'string', server: 'string', blksize: 'number', tsize: 'number', windowsize: 'number' } },
  'tftp.option-ack': { about: 'the server agrees to options', details: { path: 'string', server: 'string', blksize: 'number', tsize: 'number', windowsize: 'number' } },
  'tftp.size-probe': { about: 'the client asked only for the size and aborted', details: { path: 'string', tsize: 'number' } },
  'tftp.transfer': {
    about: 'a file was transferred whole',
    details: { path: 'string', server: 'string', bytes: 'number', blocks: 'number', blksize: 'number', windowsize: 'number', retransmissions: 'number' },
  },
  'tftp.error': { about: 'an ERROR packet ended the transfer', details: { path: 'string', code: 'number', message: 'string', by: 'string' } },
  'http.get': { about: 'a file was fetched by HTTP', details: { path: 'string', status: 'number', bytes: 'number' } },
  'smb.negotiate': { about: 'client and server agreed on an SMB dialect', details: { dialect: 'string', smb1: 'boolean' } },
  'smb.session-setup': { about: 'the server answered the logon', details: { status: 'string', guest: 'boolean' } },
  'ntlm.negotiate': { about: 'the client begins NTLM', details: {} },
  'ntlm.challenge': { about: 'the server sent its NTLM challenge', details: { target: 'string' } },
  'ntlm.authenticate': { about: 'the client answered the challenge as a user, written DOMAIN\\user', details: { user: 'string', workstation: 'string' } },
  'smb.tree-connect': { about: 'the client connected a share', details: { path: 'string', share: 'string', status: 'string' } },
  'smb.dfs-referral': { about: 'the client asked for a DFS referral', details: { path: 'string', status: 'string' } },
  'smb.open': { about: 'the client opened a file or folder', details: { path: 'string', status: 'string' } },
  'smb.read': { about: 'the client read from a file', details: { path: 'string', bytes: 'number', reads: 'number' } },
  'smb.close': { about: 'the client closed a file', details: { path: 'string' } },
  'smb.error': { about: 'the server refused a command', details: { command: 'string', path: 'string', status: 'string' } },
  'image.header': { about: 'the client read the header of a WIM', details: { path: 'string', images: 'number', bootIndex: 'number' } },
  'image.tail': { about: 'the client read the XML at the end of a WIM', details: { path: 'string', images: 'number' } },
  'image.transfer': { about: 'the client read a whole image', details: { path: 'string', bytes: 'number' } },
  'boot.complete': { about: 'everything that the boot needs from the network has happened', details: {} },
} as const satisfies Readonly<Record<string, StepWords>>;

/** A step's stable name, `protocol.step`. */
export type StepName = keyof typeof STEPS;

/** The detail that a step of this name carries; every key may be absent. */
export type StepDetail<Name extends StepName> = {
  readonly [Key in keyof (typeof STEPS)[Name]['details']]?: (typeof STEPS)[Name]['details'][Key] extends 'string' ? string : (typeof STEPS)[Name]['details'][Key] extends 'number' ? number : boolean;
};

/** All step names, in the order of a boot. */
export const STEP_NAMES = Object.keys(STEPS) as readonly StepName[];

/** Phases of a boot that a scenario can give a budget to; they are the phases of the Result. */
export const PHASE_NAMES = ['firmware', 'dhcp', 'proxy', 'nbp', 'kernel', 'authentication', 'image'] as const;
export type PhaseName = (typeof PHASE_NAMES)[number];
