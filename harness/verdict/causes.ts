/** What a cause means to a person: one sentence with what to do next, and what firmware prints for it. */
interface CauseText {
  readonly why: string;
  /** As printed by PXE ROMs and EDK2 (PXE 2.1 appendix; EDK2 PxeBcImpl.c). */
  readonly code?: string;
}

/** Every cause that a step or a verdict may name, by its stable identifier. */
const CAUSES: Readonly<Record<string, CauseText>> = {
  'firmware-silent': { why: 'the firmware never asked for an address: see whether the network device is first in the boot order, has a ROM or driver, and (EDK2) whether there is a random source' },
  'dhcp-silent': { why: 'no DHCP server answered: see whether one runs on this network and has free addresses', code: 'PXE-E51' },
  'dhcp-ack-missing': { why: 'a server offered an address and then did not answer the request for it: look at its log and its lease file', code: 'PXE-E51' },
  'dhcp-nak': { why: 'the DHCP server refused the address that it (or another server) offered: look for two servers with the same range', code: 'PXE-E51' },
  'dhcp-wrong-transaction': { why: 'the answer belongs to another transaction: clients drop it; look for a server or relay that mixes up clients' },
  'dhcp-wrong-server': { why: 'another server than the chosen one answered: look for a second DHCP server' },
  'dhcp-address-changed': { why: 'the acknowledged address is not the offered one: look at the server’s leases' },
  'dhcp-bad-header': { why: 'the fixed part of a DHCP message is wrong: clients and servers drop it; the frame shows who sent it' },
  'dhcp-no-address': { why: 'the offer holds no address: the server’s range is empty or it took the client for one that has an address' },
  'dhcp-no-server-identifier': { why: 'the answer lacks option 54, so the client cannot choose this server: fix the server' },
  'dhcp-unoffered-request': { why: 'the client asks for what nobody offered: a firmware fault, or an offer that the capture did not see' },
  'dhcp-unasked-answer': { why: 'an answer without a question: clients drop it; look for a duplicated or late message' },
  'offer-ignored': { why: 'the client took none of the offers: compare them with what its firmware needs (address, server identifier, option 60)', code: 'PXE-E16' },
  'address-in-use': { why: 'somebody else uses the address: exclude it from the server’s range or find the other host' },
  'arp-silent': { why: 'nobody has the address that the client asked for: see whether the server is up and in the same network', code: 'PXE-E11' },
  'no-boot-file': { why: 'no server told the client a boot file: set options 66 and 67, or start a proxyDHCP service', code: 'PXE-E53' },
  'proxydhcp-silent': { why: 'no boot server answered: see whether the proxyDHCP service runs and is reached by broadcasts and on port 4011', code: 'PXE-E55' },
  'proxydhcp-no-boot-file': { why: 'the boot server’s answer names no boot file: give it one for this architecture', code: 'PXE-E53' },
  'proxydhcp-wrong-port': { why: 'the boot server answered from another port than 4011: clients drop that answer', code: 'PXE-E55' },
  'proxydhcp-wrong-server': { why: 'client and boot server do not mean each other: look for a second boot server' },
  'proxydhcp-never-asked': { why: 'the offer lacks a boot file and the client did not ask on port 4011: put the boot file into the offer, or set option 60 to PXEClient' },
  'proxydhcp-unasked-answer': { why: 'an answer of a boot server without a question: clients drop it' },
  'boot-file-never-asked-for': { why: 'the client was told a boot file and asked for none: see whether it reaches the boot server (ARP, gateway) and accepts that file name', code: 'PXE-E53' },
  'wrong-boot-file': { why: 'the client asks for another file than it was told: an old ROM setting, a second DHCP server, or options of two servers mixed' },
  'wrong-boot-server': { why: 'the client asks another server than it was told: compare siaddr, options 66 and 54 of the answers' },
  'boot-file-missing': { why: 'the server does not have the file: put it below the server’s root, mind case and slashes', code: 'PXE-E3B (EDK2: PXE-E23)' },
  'tftp-silent': { why: 'the TFTP server did not answer: see whether it listens on UDP 69 and whether a firewall drops its answers from other ports', code: 'PXE-E32' },
  'tftp-access-denied': { why: 'the TFTP server may not read the file: look at its permissions and at the server’s root', code: 'PXE-E3C (EDK2: PXE-E23)' },
  'tftp-refused': { why: 'the TFTP server refused the transfer: its message says why', code: 'PXE-E36 (EDK2: PXE-E23)' },
  'tftp-options-refused': { why: 'client and server do not agree about TFTP options: compare the request with the OACK' },
  'tftp-illegal-option-ack': { why: 'the server granted more than was asked, or something that was not asked: strict clients (EDK2) abort with error 4' },
  'tftp-protocol-breach': { why: 'a packet breaks the TFTP protocol: the frame shows which side sent it' },
  'transfer-size-mismatch': { why: 'fewer or more bytes came than were promised: the file changed while it was read, or a packet was lost at the end' },
  'transfer-stalled': { why: 'the transfer began and did not end: look at loss and retransmissions on the way, and whether the client still runs', code: 'PXE-E35' },
  'transfer-aborted': { why: 'a side gave the transfer up: it had no room for the file, or did not like its content' },
  'http-silent': { why: 'the web server took the request and did not answer: look at its log' },
  'http-access-denied': { why: 'the web server wants credentials or forbids the file: boot clients have none to give' },
  'http-refused': { why: 'the web server refused the request: its log says why' },
  'smb-unreachable': { why: 'the file server does not accept connections on port 445: see whether it runs and no firewall stands between' },
  'server-unreachable': { why: 'the server does not accept the connection: see whether the service runs on that port' },
  'smb-silent': { why: 'the file server accepted the connection and then did not answer: look at its log' },
  'smb-connection-lost': { why: 'the connection ended while an answer was owed: the server dropped the client, often over a protocol version' },
  'smb-no-common-dialect': { why: 'client and file server share no SMB version: raise the client’s or lower the server’s minimum protocol' },
  'smb-protocol-breach': { why: 'an SMB message breaks the protocol: the frame shows which side sent it' },
  'wrong-password': { why: 'the file server refused the credentials: check user, domain and password' },
  'unknown-user': { why: 'the server does not know this user: check the name and the domain' },
  'account-locked': { why: 'the account is locked after too many wrong passwords: unlock it' },
  'account-disabled': { why: 'the account is disabled: enable it' },
  'account-restricted': { why: 'the account may not log on from here, now, or with an empty password: look at its restrictions' },
  'password-expired': { why: 'the password has expired or must be changed: set a new one' },
  'access-denied': { why: 'the user may not do this: look at the permissions of the share and of the file' },
  'session-refused': { why: 'the file server refused the session: the status says why' },
  'credentials-not-sent': { why: 'the client did not answer the server’s challenge: it had no credentials, or waits for somebody to type them' },
  'share-missing': { why: 'the server has no such share: check its name (REMINST for WDS)' },
  'share-refused': { why: 'the server did not connect the client to the share: the status says why' },
  'share-never-mounted': { why: 'the booted system never asked for the share: see its console for what it waits for' },
  'image-missing': { why: 'the image is not on the share: put it there, or correct the path' },
  'image-damaged': { why: 'the image does not fit its own header: verify the file (wimverify) and copy it again' },
  'image-never-read': { why: 'the client found the share and did not read the image: see its console for what it waits for' },
  'read-refused': { why: 'the server refused to read the file: look at locks, permissions and its disk' },
  'guest-no-network': { why: 'the boot files were loaded and then the network stayed silent: the boot image lacks the driver of this NIC, or did not start' },
  'vm-ended-early': { why: 'the machine ended before the story did: look at its console and at how it ended' },
  'budget-exceeded': { why: 'the phase took longer than its budget: the steps show which wait was the long one' },
  'malformed-message': { why: 'a message does not decode to its end: the frame shows where it breaks off' },
  'unexpected-step': { why: 'the scenario is strict and does not name this step: add it, or find out why it happens' },
  'different-detail': { why: 'the step happened, but not as the scenario says: compare the two values' },
  'capture-ended': { why: 'the capture ended before this happened: it was cut short, or the client was still on its way' },
  timeout: { why: 'the story was not over in time: the last step shows how far it came' },
  'failure-missing': { why: 'the scenario expects a failure that did not happen: the fault was not injected, or the client got around it' },
};

/** The sentence for a cause, with the code that firmware prints; undefined for no cause, or one that has no sentence. */
export function whyOf(cause: string | undefined): string | undefined {
  const text = cause === undefined ? undefined : CAUSES[cause];
  if (!text) return undefined;
  return text.code === undefined ? text.why : `${text.why} (the firmware prints ${text.code})`;
}
