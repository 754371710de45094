#!/bin/bash
# One side of `npm run bench -- backup`: saves a disk to an empty store and writes it back, on a loopback of its own.
#
#   backup-side.sh SIDE ROOT DISK STORE OUT_FOLDER
#
# SIDE: `bare`, partclone and restic in a pipeline; `agent`, the boot image's agent; `judged`, the same while a judge watches the loopback;
# or `save`, the agent, which only saves. All run in ROOT, where the boot image is unpacked. DISK is a file system without a partition table. STORE
# exists. OUT_FOLDER gets times.json (seconds) and restored.img. Environment: RESTIC_PASSWORD; JUDGE, the command that watches.
set -euo pipefail

if [[ ${BENCH_INSIDE-} != 1 ]]; then
  mkdir -p "$5"
  namespaces=(--net --mount --pid --uts --fork --kill-child --mount-proc)
  [[ $(id -u) == 0 ]] || namespaces+=(--user --map-root-user)
  BENCH_INSIDE=1 exec unshare "${namespaces[@]}" "$BASH" "$0" "$@"
fi
side=$1 root=$2 disk=$3 store=$4 out=$5
address=127.0.0.1:8000

ip link set lo up
mkdir "$out/run"
: >"$out/run/disk" >"$out/restored.img"
truncate -s "$(stat -c %s "$disk")" "$out/restored.img"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$out/run" "$root/run"
mount --bind "$disk" "$root/run/disk"

restic-rest-server --no-auth --path "$store" --listen $address >"$out/server.log" 2>&1 &
for _ in $(seq 500); do
  (: <"/dev/tcp/${address/:/\/}") 2>/dev/null && break
  sleep 0.02
done

in_root() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin RESTIC_PASSWORD="$RESTIC_PASSWORD" RESTIC_REPOSITORY="rest:http://$address/" HOME=/tmp chroot "$root" /bin/sh "$@"; }
agent() { in_root /agent/disk-agent.sh "$1" option_store=$address option_storepassword="$RESTIC_PASSWORD" option_client=pc; }
save_bare() { in_root -c 'exec restic backup -q --no-cache --host pc --stdin-filename /part-0.extfs --stdin-from-command -- partclone.extfs -q -f 1 -L /run/log -a 0 -c -s /run/disk -o -'; }
restore_bare() { in_root -c 'set -o pipefail; restic dump -q --no-cache latest /part-0.extfs | partclone.restore -q -f 1 -L /run/log -C -s - -O /run/disk'; }
# timed COMMAND…: its time in seconds.
timed() {
  local began
  # What was written before is no part of it.
  sync
  began=$EPOCHREALTIME
  "$@" >>"$out/output.log" 2>&1
  awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.3f", to - from }'
}

if [[ $side == save ]]; then
  agent backup
  exit
fi
if [[ $side == judged ]]; then
  $JUDGE >"$out/judge.log" 2>&1 &
  judge=$!
  for _ in $(seq 500); do
    grep -q watching "$out/judge.log" && break
    sleep 0.05
  done
fi
save=$(if [[ $side == bare ]]; then timed save_bare; else timed agent backup; fi)
umount "$root/run/disk"
mount --bind "$out/restored.img" "$root/run/disk"
restore=$(if [[ $side == bare ]]; then timed restore_bare; else timed agent restore; fi)
if [[ $side == judged ]]; then
  kill -INT "$judge"
  wait "$judge" || true
fi
echo "{\"save\":$save,\"restore\":$restore}" >"$out/times.json"
