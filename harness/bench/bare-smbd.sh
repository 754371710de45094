#!/bin/bash
# The reader of `npm run bench -- smb` with a bare smbd: QEMU and smbd in a few namespaces, no capture, nothing judged.
#
#   bare-smbd.sh KERNEL INITRD SHARE_ROOT OUT_FOLDER NIC COMMAND_LINE
#
# OUT_FOLDER gets agent.jsonl with what the reader says. Environment: ACCEL (tcg), MEMORY_MIB (512), TIMEOUT_S (180).
set -euo pipefail

if [[ ${BARE_INSIDE-} != 1 ]]; then
  [[ $(id -u) == 0 ]] || { echo 'bare-smbd.sh: run as root; it changes nothing outside its own namespaces' >&2; exit 2; }
  mkdir -p "$4"
  BARE_INSIDE=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc "$BASH" "$0" "$@"
fi
. "${BASH_SOURCE%/*}/bare-smb.sh"
kernel=$1 initrd=$2 share_root=$3 out=$4 nic=$5 command_line=$6
server=172.22.52.207

mount -t tmpfs tmpfs /run
mkdir -p /run/netns
ip link set lo up
ip link add br0 type bridge forward_delay 0
ip link set br0 up
ip netns add server
ip link add server type veth peer name eth0 netns server
ip link set server master br0 up
ip -n server link set lo up
ip -n server address add $server/24 dev eth0
ip -n server link set eth0 up
ip tuntap add tap0 mode tap
ip link set tap0 master br0 up

bare_smb server "$share_root" "$out"
for _ in $(seq 500); do
  ip netns exec server bash -c "</dev/tcp/$server/445" 2>/dev/null && break
  sleep 0.02
done

timeout "${TIMEOUT_S:-180}" qemu-system-x86_64 -machine pc,accel="${ACCEL:-tcg}" -cpu max -m "${MEMORY_MIB:-512}" -display none -nodefaults -vga std \
  -netdev tap,id=net0,ifname=tap0,script=no,downscript=no -device "$nic,netdev=net0,mac=52:54:00:12:34:56,romfile=" \
  -kernel "$kernel" -initrd "$initrd" -append "$command_line" -serial "file:$out/serial.log" -serial "file:$out/agent.jsonl" -no-reboot
