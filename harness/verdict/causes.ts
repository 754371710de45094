/** What a cause means to a person: one sentence with what to do next, and what firmware prints for it. */
interface CauseText {
  readonly why: string;
  /** As printed by PXE ROMs and EDK2 (PXE 2.1 appendix; EDK2 PxeBcImpl.c). */
  readonly code?: string;
}

/** Every cause that a step or a verdict may name, by its stable identifier. */
const CAUSES: Readonly<Record<string, CauseText>> = {
  'firmware-silent': {
    why: 'the firmware never asked for an address: see whether the network device is first in the boot order, has a ROM or driver, and (EDK2) whether there is a random source',
  },
  'dhcp-silent': {
    why: 'no DHCP server answered: see whether one runs on this network and has free addresses',
    code: 'PXE-E51',
  },
  'dhcp-ack-missing': {
    why: 'a server offered an address and then did not answer the request for it: look at its log and its lease file',
    code: 'PXE-E51',
  },
  'dhcp-nak': {
    why: 'the DHCP server refused the address that it (or another server) offered: look for two servers with the same range',
    code: 'PXE-E51',
  },
  'dhcp-wrong-transaction': {
    why: 'the answer belongs to another transaction: clients drop it; look for a server or relay that mixes up clients',
  },
  'dhcp-wrong-server': { why: 'another server than the chosen one answered: look for a second DHCP server' },
  'dhcp-address-changed': { why: 'the acknowledged address is not the offered one: look at the server’s leases' },
  'dhcp-bad-header': {
    why: 'the fixed part of a DHCP message is wrong: clients and servers drop it; the frame shows who sent it',
  },
  'dhcp-no-address': {
    why: 'the offer holds no address: the server’s range is empty or it took the client for one that has an address',
  },
  'dhcp-no-server-identifier': {
    why: 'the answer lacks option 54, so the client cannot choose this server: fix the server',
  },
  'dhcp-unoffered-request': {
    why: 'the client asks for what nobody offered: a firmware fault, or an offer that the capture did not see',
  },
  'dhcp-unasked-answer': {
    why: 'an answer without a question: clients drop it; look for a duplicated or late message',
  },
  'offer-ignored': {
    why: 'the client took none of the offers: compare them with what its firmware needs (address, server identifier, option 60)',
    code: 'PXE-E16',
  },
  'address-in-use': {
    why: 'somebody else uses the address: exclude it from the server’s range or find the other host',
  },
  'arp-silent': {
    why: 'nobody has the address that the client asked for: see whether the server is up and in the same network',
    code: 'PXE-E11',
  },
  'no-boot-file': {
    why: 'no server told the client a boot file: set options 66 and 67, or start a proxyDHCP service',
    code: 'PXE-E53',
  },
  'proxydhcp-silent': {
    why: 'no boot server answered: see whether the proxyDHCP service runs and is reached by broadcasts and on port 4011',
    code: 'PXE-E55',
  },
  'proxydhcp-no-boot-file': {
    why: 'the boot server’s answer names no boot file: give it one for this architecture',
    code: 'PXE-E53',
  },
  'proxydhcp-wrong-port': {
    why: 'the boot server answered from another port than 4011: clients drop that answer',
    code: 'PXE-E55',
  },
  'proxydhcp-wrong-server': { why: 'client and boot server do not mean each other: look for a second boot server' },
  'proxydhcp-never-asked': {
    why: 'the offer lacks a boot file and the client did not ask on port 4011: put the boot file into the offer, or set option 60 to PXEClient',
  },
  'proxydhcp-unasked-answer': { why: 'an answer of a boot server without a question: clients drop it' },
  'referral-unanswered': {
    why: 'the boot server sent the client to another one, which does not answer on port 4011: start it there, or take the referral away',
    code: 'PXE-E55',
  },
  'pxe-and-dhcp-both-on-67': {
    why: 'DHCP and PXE service of one host both answer on port 67, where only one of them gets what is sent to the host itself: let the PXE service keep off port 67 and set option 60 to PXEClient (WDS: “Do not listen on port 67”)',
  },
  'option-60-without-boot-server': {
    why: 'the DHCP server says by option 60 that its host is the boot server, and nothing answers there on port 4011: start the PXE service on that host, or take option 60 away',
    code: 'PXE-E55',
  },
  'two-boot-servers': {
    why: 'more than one boot server offered itself and the client asked another one than the scenario means: ROMs take the first offer; stop the other server, or let it answer only computers that it knows',
  },
  'no-boot-file-for-architecture': {
    why: 'the boot services name boot files, but none for this client’s architecture (option 93): add one for it',
    code: 'PXE-E53',
  },
  'transport-server-only': {
    why: 'files are served and nobody tells clients of them: a transport server needs a PXE service beside it, or options 66 and 67 in DHCP',
    code: 'PXE-E53',
  },
  'unknown-computer-ignored': {
    why: 'the boot server answers only computers that it knows, and it did not answer this one: prestage it (pxewright clients prestage), or let unknown computers ask',
    code: 'PXE-E53',
  },
  'device-pending': {
    why: 'the computer waits for an administrator’s approval and nobody decided in time: approve it by its request id (pxewright clients approve), or let unknown computers boot',
  },
  'device-rejected': {
    why: 'an administrator rejected this computer: approve it (pxewright clients approve) or prestage it when that was a mistake',
  },
  'prompt-unanswered': {
    why: 'the server’s prompt policy asks for F12 and nobody pressed it: press it, or set the policy to opt-out or no-prompt',
  },
  'boot-file-never-asked-for': {
    why: 'the client was told a boot file and asked for none: see whether it reaches the boot server (ARP, gateway) and accepts that file name',
    code: 'PXE-E53',
  },
  'wrong-boot-file': {
    why: 'the client asks for another file than it was told: an old ROM setting, a second DHCP server, or options of two servers mixed',
  },
  'wrong-boot-server': {
    why: 'the client asks another server than it was told: compare siaddr, options 66 and 54 of the answers',
  },
  'boot-file-missing': {
    why: 'the server does not have the file: put it below the server’s root, mind case and slashes',
    code: 'PXE-E3B (EDK2: PXE-E23)',
  },
  'tftp-silent': {
    why: 'the TFTP server did not answer: see whether it listens on UDP 69 and whether a firewall drops its answers from other ports',
    code: 'PXE-E32',
  },
  'tftp-access-denied': {
    why: 'the TFTP server may not read the file: look at its permissions and at the server’s root',
    code: 'PXE-E3C (EDK2: PXE-E23)',
  },
  'tftp-refused': {
    why: 'the TFTP server refused the transfer: its message says why',
    code: 'PXE-E36 (EDK2: PXE-E23)',
  },
  'tftp-options-refused': {
    why: 'client and server do not agree about TFTP options: compare the request with the OACK',
  },
  'tftp-illegal-option-ack': {
    why: 'the server granted more than was asked, or something that was not asked: strict clients (EDK2) abort with error 4',
  },
  'tftp-protocol-breach': { why: 'a packet breaks the TFTP protocol: the frame shows which side sent it' },
  'transfer-size-mismatch': {
    why: 'fewer or more bytes came than were promised: the file changed while it was read, or a packet was lost at the end',
  },
  'transfer-stalled': {
    why: 'the transfer began and did not end: look at loss and retransmissions on the way, and whether the client still runs',
    code: 'PXE-E35',
  },
  'transfer-aborted': { why: 'a side gave the transfer up: it had no room for the file, or did not like its content' },
  'http-silent': { why: 'the web server took the request and did not answer: look at its log' },
  'http-access-denied': { why: 'the web server wants credentials or forbids the file: boot clients have none to give' },
  'http-refused': { why: 'the web server refused the request: its log says why' },
  'smb-unreachable': {
    why: 'the file server does not accept connections on port 445: see whether it runs and no firewall stands between',
  },
  'server-unreachable': { why: 'the server does not accept the connection: see whether the service runs on that port' },
  'smb-silent': { why: 'the file server accepted the connection and then did not answer: look at its log' },
  'smb-connection-lost': {
    why: 'the connection ended while an answer was owed: the server dropped the client, often over a protocol version',
  },
  'smb-no-common-dialect': {
    why: 'client and file server share no SMB version: raise the client’s or lower the server’s minimum protocol',
  },
  'smb-protocol-breach': { why: 'an SMB message breaks the protocol: the frame shows which side sent it' },
  'control-service-unreachable': {
    why: 'the WDS control service does not accept connections: see whether it runs, on the port that the endpoint mapper names (5040 unless it was changed), and no firewall stands between',
  },
  'control-service-never-asked': {
    why: 'the client never spoke to the WDS control service: see its console for what it waits for',
  },
  'rpc-silent': { why: 'the RPC server took the request and did not answer: look at its log' },
  'rpc-connection-lost': {
    why: 'the RPC connection ended while an answer was owed: the server dropped the client, often over a PDU that it could not take',
  },
  'rpc-endpoint-unknown': {
    why: 'the endpoint mapper knows no port of this interface: the control service is not registered there, or does not run',
  },
  'rpc-interface-unknown': { why: 'the server does not have this RPC interface: the port belongs to another service' },
  'rpc-operation-unknown': {
    why: 'the RPC interface has no such operation: client and server mean different versions of it',
  },
  'rpc-bind-refused': {
    why: 'the server did not accept the RPC association: compare transfer syntaxes and fragment sizes of both sides',
  },
  'rpc-access-denied': {
    why: 'the RPC server refused the call: the credentials are wrong, the user may not do this, or the call must be authenticated',
  },
  'rpc-stub-malformed': { why: 'the server could not read the call’s parameters: the client sent a malformed stub' },
  'rpc-protocol-breach': { why: 'an RPC message breaks the protocol: the frame shows which side sent it' },
  'rpc-refused': { why: 'the RPC server refused the call: the status says why' },
  'wds-refused': { why: 'the WDS server refused the operation: its error code says why' },
  'client-reported-error': {
    why: 'the deployment client told the WDS server that its installation failed: its message says at what',
  },
  'wrong-password': { why: 'the server refused the credentials: check user, domain and password' },
  'unknown-user': { why: 'the server does not know this user: check the name and the domain' },
  'clock-skew': {
    why: 'the clocks of client and domain controller differ by more than Kerberos allows (five minutes): set the client’s, or its time source',
  },
  'unknown-service': {
    why: 'the domain has no such service: use the server’s name in the domain and not its address, and see that its account has that service principal name',
  },
  'unknown-realm': {
    why: 'the domain controller does not know this Kerberos realm: check the domain that the client was told',
  },
  'kerberos-silent': {
    why: 'the domain controller does not answer on port 88: see whether it runs, and whether the client was told the domain’s DNS server',
  },
  'kerberos-no-common-encryption': {
    why: 'client and domain share no encryption type: old accounts need a new password to get AES keys',
  },
  'kerberos-wrong-key': {
    why: 'the service cannot read the ticket: its key is another one than the directory’s (it was joined again, or two servers have one name)',
  },
  'account-locked': { why: 'the account is locked after too many wrong passwords: unlock it' },
  'account-disabled': { why: 'the account is disabled: enable it' },
  'account-restricted': {
    why: 'the account may not log on from here, now, or with an empty password: look at its restrictions',
  },
  'password-expired': { why: 'the password has expired or must be changed: set a new one' },
  'access-denied': { why: 'the user may not do this: look at the permissions of the share and of the file' },
  'session-refused': { why: 'the file server refused the session: the status says why' },
  'credentials-not-sent': {
    why: 'the client did not answer the server’s challenge: it had no credentials, or waits for somebody to type them',
  },
  'share-missing': { why: 'the server has no such share: check its name (REMINST for WDS)' },
  'share-refused': { why: 'the server did not connect the client to the share: the status says why' },
  'share-never-mounted': { why: 'the booted system never asked for the share: see its console for what it waits for' },
  'image-missing': { why: 'the image is not on the share: put it there, or correct the path' },
  'image-damaged': { why: 'the image does not fit its own header: verify the file (wimverify) and copy it again' },
  'image-truncated': {
    why: 'the image is shorter than it says, or became so while it was read: copy it again, and see whether the server’s disk is full',
  },
  'image-wrong-architecture': {
    why: 'the image is for another processor than its folder or this client: offer the client an image of its own architecture',
  },
  'image-never-read': {
    why: 'the client found the share and did not read the image: see its console for what it waits for',
  },
  'server-disk-full': {
    why: 'the server has no room for what is written: free some, or give the volume of the share more',
  },
  'write-refused': { why: 'the server did not take what was written: the status says why' },
  'upload-cut-short': {
    why: 'the writing ended before the image was whole: look at the client’s console; a half image may lie on the share under its temporary name',
  },
  'read-refused': { why: 'the server refused to read the file: look at locks, permissions and its disk' },
  'guest-no-network': {
    why: 'the boot files were loaded and then the network stayed silent: the boot image lacks the driver of this NIC, or did not start',
  },
  'vm-ended-early': { why: 'the VM ended before the story did: look at its console and at how it ended' },
  'budget-exceeded': { why: 'the phase took longer than its budget: the steps show which wait was the long one' },
  'malformed-message': { why: 'a message does not decode to its end: the frame shows where it breaks off' },
  'unexpected-step': { why: 'the scenario is strict and does not name this step: add it, or find out why it happens' },
  'different-detail': { why: 'the step happened, but not as the scenario says: compare the two values' },
  'capture-ended': {
    why: 'the capture ended before this happened: it was cut short, or the client was still on its way',
  },
  timeout: { why: 'the story was not over in time: the last step shows how far it came' },
  'failure-missing': {
    why: 'the scenario expects a failure that did not happen: the fault was not injected, or the client got around it',
  },
};

/**
 * The sentence for a cause, with the code that firmware prints; undefined for no cause, or one that has no sentence.
 */
export function whyOf(cause: string | undefined): string | undefined {
  const text = cause === undefined ? undefined : CAUSES[cause];
  if (!text) return undefined;
  return text.code === undefined ? text.why : `${text.why} (the firmware prints ${text.code})`;
}
