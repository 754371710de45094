// PR_SET_PDEATHSIG says nothing of a parent that died before the call (prctl(2)): its child would run on for ever, so it
// looks who its parent is once it is tied. A shell sets PPID when it starts, and exec keeps the setting.
const IF_PARENT_LIVES = '[ "$PPID" = "$0" ] && exec "$@"';

/**
 * The command that runs `argv` as a child of the process `parentPid` and ends with it: whatever kills that process, the
 * kernel kills this one. When the parent is gone already, `argv` does not start, and the exit code is 1.
 * @param {readonly string[]} argv
 * @param {number} parentPid
 * @returns {[string, ...string[]]}
 */
export function tiedToParent(argv, parentPid) {
  return ['setpriv', '--pdeathsig', 'KILL', '--', 'sh', '-c', IF_PARENT_LIVES, String(parentPid), ...argv];
}
