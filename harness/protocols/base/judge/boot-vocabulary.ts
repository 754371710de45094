import type { Causes, Steps, Waits } from './vocabulary.ts';

/** The vocabulary of the boot itself, and of the verdict about it. */
export const BOOT = {
  steps: {
    'boot.complete': {
      about: 'all expectations are met; without a scenario, the capture ended in good order',
      details: { phase: ['string', 'how far the boot came'] },
    },
    'boot.device': {
      about:
        'the entry of the boot order that ran, as the wire shows it: the firmware has loaded a boot program from the network, or a system asks for an address and none was loaded (disk). Told of a client whose boot order has more than the network',
      details: { device: ['string', '`network` or `disk`'], path: ['string', 'boot program, from the network'] },
    },
    'boot.phase': {
      about: 'a budget of the scenario was exceeded',
      details: { phase: 'string', budgetMs: 'number' },
      only: 'failed',
    },
    'boot.start': {
      about: 'the boot program was loaded, and the firmware did not start it, or cannot',
      details: {
        path: 'string',
        arch: ['number', 'option 93 of the firmware'],
        program: ['string', 'what it is, as in tftp.transfer'],
        signed: ['boolean', 'it carries a signature'],
      },
      only: 'failed',
    },
    'boot.reinstalled': {
      about:
        'the client read an image again, after its firmware had booted from the network once more: the installation begins anew at every start; once for each further time',
      details: {
        path: ['string', 'boot program'],
        image: 'string',
        times: ['number', 'how often it has read the image by then'],
      },
      only: 'recorded',
      expectable: true,
    },
    'profile.left': {
      about:
        'a program whose ways are known did something that it is not known to do ([profiles.md](profiles.md)): its profile, the habit, what was expected and what came',
      details: { profile: 'string', habit: 'string', expected: 'string', got: 'string' },
      only: 'recorded',
      expectable: true,
    },
    'boot.repeated': {
      about:
        'the client loaded the same boot file again after it had asked for an address, and nothing else between (without DHCP in the capture: three times)',
      details: { path: 'string', times: 'number', userClass: ['string', 'option 77, of who asked for the address'] },
      only: 'recorded',
    },
    'wire.unknown': { about: 'an event that no machine judges', details: { type: 'string' }, only: 'recorded' },
  },
  causes: {
    'firmware-silent': {
      why: 'the firmware never asked for an address: see whether the network device is first in the boot order, has a ROM or driver, and (EDK2) whether there is a random source',
    },
    'wrong-boot-order': {
      why: 'the boot order starts something else first: put the device that is to start at its beginning (a client: boot-order; a machine: its firmware set-up, or efibootmgr)',
    },
    'too-little-memory': {
      why: 'the client has less memory than its firmware needs to boot from the network: give it more (a client: memory), or see how much is left of it for the firmware',
    },
    'reinstall-loop': {
      why: 'the network is still first in the boot order after the installation, so that every start installs again: put the disk first, take the network for one start only, or have the boot server send installed clients to their disk',
    },
    'boot-file-never-asked-for': {
      why: 'the client got the name of a boot file and requested no file: see whether it reaches the boot server (ARP, gateway) and accepts that name',
      code: 'PXE-E53',
    },
    'guest-no-network': {
      why: 'the boot files were loaded and then the network stayed silent: the boot image lacks the driver of this NIC, or did not start',
    },
    'boot-configuration-missing': {
      why: 'the boot program runs and found no configuration: put one of the files that it asked for on the server, under the name and in the folder in which it looks',
    },
    'boot-program-not-started': {
      why: 'the firmware loaded the boot program whole and then tried its next boot entry: under Secure Boot the program must be signed by a key in db and not be revoked (shim and what it loads are); else see whether the file is damaged, or ended at once',
      ownWords: true,
    },
    'boot-program-wrong-architecture': {
      why: 'the boot program is for another kind of client: let the server choose the boot file by option 93, and name one of this firmware and processor for it',
    },
    'chain-loading-loop': {
      why: 'the boot program was told to load itself, and would do so over and over: give its user class (option 77; iPXE says iPXE) another boot file than the firmware',
    },
    'vm-ended-early': { why: 'the client ended before its boot was over', ownWords: true },
    'budget-exceeded': { why: 'the phase took longer than its budget: the steps show the longest wait' },
    'unexpected-step': {
      why: 'the scenario is strict and does not name this step: add it, or find out why it happens',
    },
    'different-detail': { why: 'the step happened, but not as the scenario says: compare the two values' },
    'capture-ended': {
      why: 'the capture ended before this happened: the capture is incomplete, or the client had not finished',
    },
    'step-passed-by': {
      why: 'the boot went on without this step, and it cannot come any more: see what the client did instead, or whether this client takes the step at all',
    },
    'boot-stuck': {
      why: 'nothing moved any more, on the network and on the console: the client waits for something, or hangs',
      ownWords: true,
    },
    timeout: { why: 'the boot was not over in time: the last step shows how far it came' },
    'failure-missing': {
      why: 'the scenario expects a failure that did not happen: the fault was not injected, or the client worked around it',
    },
  },
  waits: {
    firmware: {
      ms: 60_000,
      about:
        'Power-on to the first DISCOVER: 3 s under TCG for SeaBIOS and OVMF, 6 s on arm64; a minute leaves room for a busy host.',
    },
    nbp: {
      ms: 60_000,
      about: 'Address to complete boot file: EDK2 tries an open six times, 4 s each, before it gives up.',
    },
    kernel: {
      ms: 300_000,
      about: 'Boot file to the last file that the network boot program fetches: 17.5 MB took 10 s at TCG’s 2 MB/s.',
    },
    os: {
      ms: 180_000,
      about:
        'Last boot transfer to the first frame of what was booted: 3 s under TCG for a small system, and 10 s to 30 s where several clients start at once on two cores; three minutes leave room for a busy host.',
    },
    authentication: { ms: 60_000, about: 'First SMB packet to the share: under a second in practice.' },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
