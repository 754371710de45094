import type { Step } from '../../../reports/result.ts';
import { comparablePath, isProbeName } from '../../protocols/base/judge/path-names.ts';
import type { FileService } from '../../scenario/defaults.ts';

/** How far the lab's client gets; reasons are for people. */
export interface Reach {
  /** Why it does not take this step any more. Steps are asked for in their order. */
  readonly endsBefore: (step: Step) => string | undefined;
  /** Why it does nothing more after this step. */
  readonly endsWith: (step: Step) => string | undefined;
}

/** What is known of the contents that a client loads. */
export interface Contents {
  /** The lab has the file's content, and not only a placeholder. */
  readonly isReal: (protocol: FileService, path: string) => boolean;
  /** The capture has no answer of that service: a file has come when it was asked for. */
  readonly isHidden: (protocol: FileService) => boolean;
  /** The capture shows what the client boots, so that a system runs in the lab. */
  readonly hasSystem: boolean;
}

/** Rooms that only a booted system speaks. */
const OF_SYSTEM = new Set(['smb', 'image', 'ntlm', 'kerberos', 'rpc', 'wds']);

const never = (): undefined => undefined;

/** A VM runs what it loads, as far as there is something to run. */
export function machineReach({ isReal, isHidden, hasSystem }: Contents): Reach {
  return {
    endsBefore: ({ step, verdict }) => {
      const [room = ''] = step.split('.');
      if (room === 'restic' || (room === 'tls' && verdict !== 'recorded'))
        return 'a capture has neither the password of a store of disk backups nor what is in it';
      return !hasSystem && OF_SYSTEM.has(room)
        ? 'the capture does not show what the client boots, and so no system runs in the lab'
        : undefined;
    },
    endsWith: ({ step, verdict, detail }) => {
      const [protocol, what] = step.split('.') as [FileService, string];
      const path = String(detail?.['path'] ?? '');
      if (verdict !== 'passed' || isReal(protocol, path)) return undefined;
      const isLoaded = step === 'tftp.transfer' || step === 'http.get';
      return isLoaded || (what === 'read-request' && isHidden(protocol) && !isProbeName(path))
        ? 'the content of that file is a placeholder; give it by --root or --contents to go on'
        : undefined;
    },
  };
}

/** The program that plays a ROM loads its boot file and then talks to a boot server of WDS, or ends. */
export function romReach(): Reach {
  return {
    endsBefore: never,
    endsWith: ({ step, verdict }) =>
      step === 'tftp.transfer' && verdict === 'passed' ? 'the program that plays the ROM runs no boot file' : undefined,
  };
}

/** Rooms of which the program that plays wdsnbp and the deployment client knows nothing. */
const FOREIGN = new Set(['smb', 'image', 'http', 'kerberos', 'restic', 'tls']);
/** wdsnbp, and the program that its server names. */
const PROGRAMS = 2;

/** The program that plays wdsnbp loads two programs, and then speaks to the control service alone. */
export function wdsnbpReach(): Reach {
  const programs = new Set<string>();
  return {
    endsBefore: ({ step, detail = {} }) => {
      const [room = ''] = step.split('.');
      if (room === 'tftp' && programs.size <= PROGRAMS) programs.add(comparablePath(String(detail['path'] ?? '')));
      const isForeign =
        FOREIGN.has(room) ||
        detail['carrier'] === 'smb' ||
        programs.size > PROGRAMS ||
        (step === 'dhcp.discover' && programs.size > 0);
      return isForeign
        ? 'the program that plays wdsnbp loads two programs and speaks to the control service, and nothing else'
        : undefined;
    },
    endsWith: never,
  };
}
