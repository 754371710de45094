import { execa } from 'execa';
import { join } from 'node:path';
import { ensureBundles, type Bundle } from '../../../vm-images/index.ts';
import { planScenarios } from '../../plan/scenarios.ts';
import { loadScenario } from '../../scenario/load-scenario.ts';
import { cacheFolder } from '../../../vm-images/cache-folder.mjs';
import type { Mark } from './leftovers.ts';
import { PROJECT } from './pxewright.ts';

/** Debian's and Ubuntu's nobody and nogroup. */
const NOBODY = '65534';

/**
 * In a mount namespace of its own, so that nothing is left: this project and a cache with the bundles where the user
 * can read them (the checkout may lie in root's home), and /dev/net/tun open or closed to everybody.
 */
const BECOME_ORDINARY = `set -e
project=$1 user=$2 tun_mode=$3 kernels=$4 bundles=$5; shift 5
mount -t tmpfs -o mode=0755 ordinary-user /mnt
mkdir -p /mnt/project /mnt/home/cache/bundles
mount --bind "$project" /mnt/project
cp "$kernels" /mnt/home/cache/
for bundle in $bundles; do cp -a "$bundle" /mnt/home/cache/bundles/; done
chown -R "$user:$user" /mnt/home
mknod /mnt/tun c 10 200
chmod "$tun_mode" /mnt/tun
mount --bind /mnt/tun /dev/net/tun
cd /mnt/project
exec setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs -- "$@"`;

/** What a scenario of this project needs from the cache, so that the user, who has a new one, need not build it. */
export async function bundlesOf(scenario: string): Promise<readonly Bundle[]> {
  const plans = planScenarios(await loadScenario(join(PROJECT, scenario)));
  return [...(await ensureBundles(plans.flatMap((plan) => plan.bundles))).values()];
}

/** Runs pxewright as an ordinary user without privileges, and with a PATH as such a user has it. */
export function asOrdinaryUser(
  args: readonly string[],
  {
    mark,
    tun,
    bundles = [],
  }: { readonly mark: Mark; readonly tun: 'open' | 'closed'; readonly bundles?: readonly Bundle[] },
) {
  const folders = bundles.map(({ folder }) => join(folder, '..')).join(' ');
  return execa(
    'unshare',
    [
      '--mount',
      'sh',
      '-c',
      BECOME_ORDINARY,
      'sh',
      PROJECT,
      NOBODY,
      tun === 'open' ? '0666' : '0600',
      join(cacheFolder(), 'kernel-packages.json'),
      folders,
      'node_modules/.bin/node',
      'harness/cli/bootstrap.mjs',
      ...args,
    ],
    {
      extendEnv: false,
      env: {
        ...mark.env,
        HOME: '/mnt/home',
        TMPDIR: '/mnt/home',
        PXEWRIGHT_CACHE: '/mnt/home/cache',
        PATH: '/usr/local/bin:/usr/bin:/bin',
      },
      reject: false,
      stdin: 'ignore',
    },
  );
}
