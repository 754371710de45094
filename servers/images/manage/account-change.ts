import type { Device } from '../../state/device-store.ts';

/** What becomes of a computer's account in the directory; read by directory_account.py. */
export type AccountChange =
  /**
   * Afterwards an account of that name exists: the account of the former name, renamed, or, when there is no such
   * account and `make` is set, a new one.
   */
  | {
      readonly verb: 'ensure';
      readonly name: string;
      readonly make: boolean;
      readonly formerName?: string | undefined;
      readonly organizationalUnit?: string | undefined;
    }
  | { readonly verb: 'delete' | 'reset'; readonly name: string };

/** What directory_account.py says that it did. */
export type AccountDone = 'made' | 'renamed' | 'deleted' | 'reset' | 'nothing';

/**
 * What a change of a device means for its account: as with WDS, a computer that is prestaged or approved under a name
 * has one. `after` is undefined for a device that was removed, `before` for a new one. A device that waits or was
 * refused gets no account, and keeps one that it had.
 */
export function accountChange(before: Device | undefined, after: Device | undefined): AccountChange | undefined {
  const formerName = before?.name;
  if (after === undefined) return formerName === undefined ? undefined : { verb: 'delete', name: formerName };
  const { name, status, join } = after;
  if (name === undefined) return undefined;
  return {
    verb: 'ensure',
    name,
    make: status === 'prestaged' || status === 'approved',
    formerName,
    organizationalUnit: join?.organizationalUnit,
  };
}

/** The change that undoes another one; undefined where nothing has to be undone, or can be. */
export function undoing(change: AccountChange, done: AccountDone): AccountChange | undefined {
  if (done === 'made') return { verb: 'delete', name: change.name };
  if (done !== 'renamed' || change.verb !== 'ensure' || change.formerName === undefined) return undefined;
  return { verb: 'ensure', name: change.formerName, formerName: change.name, make: false };
}
