#!/bin/bash
# One install boot without pxewright: QEMU, dnsmasq, smbd and tcpdump in a few namespaces, nothing judged.
# It is the baseline that `pxewright run` is compared with (npm run bench -- overhead).
#
#   bare-boot.sh TFTP_ROOT SHARE_ROOT OUT_FOLDER [NIC]
#
# TFTP_ROOT   has boot/x86/wdsnbp.com and what it loads, with pxelinux.cfg/default
# SHARE_ROOT  becomes the share REMINST
# OUT_FOLDER  gets install.pcap, serial0.log, events.log, disk.raw, phases.txt and the logs of the servers
# NIC         QEMU device, e1000 by default
#
# Environment: ACCEL (tcg), DISK_MIB (2048), MEMORY_MIB (512), MONITOR (path of a QMP socket), TIMEOUT_S (180),
# DISK_BOOT (1: power on again from the installed disk alone), PHASES (0: do not read the capture for the times of phases).
set -euo pipefail

if [[ ${1-} == '' || ${1-} == --help ]]; then sed -n '2,/^set/{s/^# \?//;/^set/d;p}' "$0"; exit 3; fi

# Outside: come back inside, as root of namespaces that die with their first process.
if [[ ${BARE_BOOT_INSIDE-} != 1 ]]; then
  mkdir -p "$3"
  # In an ordinary user's namespace smbd panics at setgroups(2); servers/images/smb.ts knows a way round, this script does not.
  [[ $(id -u) == 0 ]] || { echo 'bare-boot.sh: run as root; it changes nothing outside its own namespaces' >&2; exit 2; }
  BARE_BOOT_INSIDE=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc "$BASH" "$0" \
    "$(realpath "$1")" "$(realpath "$2")" "$(realpath "$3")" "${4-e1000}"
fi

. "${BASH_SOURCE%/*}/bare-smb.sh"
tftp_root=$1 share_root=$2 out=$3 nic=$4
dhcp_ip=172.22.52.1 pxe_ip=172.22.52.207
mac=52:54:00:12:34:56
started_s=$EPOCHREALTIME

elapsed() { awk -v from="$started_s" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }'; }
say() { printf '%7s s  %s\n' "$(elapsed)" "$*" | tee -a "$out/phases.txt"; }
# until_true SECONDS WHAT COMMAND…: asks every 10 ms.
until_true() {
  local seconds=$1 what=$2 end; shift 2
  end=$((${EPOCHREALTIME/[.,]/} + seconds * 1000000))
  until "$@" >/dev/null 2>&1; do
    (( ${EPOCHREALTIME/[.,]/} < end )) || { echo "$what: not within $seconds s" >&2; exit 2; }
    read -r -t 0.01 _ <> <(:) || true
  done
}

: >"$out/phases.txt"
mount -t tmpfs tmpfs /run
mkdir -p /run/netns

# --- network: a bridge with a namespace a server -------------------------------------------------
ip link set lo up
ip link add br0 type bridge forward_delay 0
ip link set br0 up
host() { # host NAME ADDRESS
  ip netns add "$1"
  ip link add "$1" type veth peer name eth0 netns "$1"
  ip link set "$1" master br0 up
  ip -n "$1" link set lo up
  ip -n "$1" address add "$2/24" dev eth0
  ip -n "$1" link set eth0 up
}
host dhcp $dhcp_ip
host pxe $pxe_ip
ip tuntap add tap0 mode tap
ip link set tap0 master br0 up

# --- file server ---------------------------------------------------------------------------------
bare_smb pxe "$share_root" "$out"

# --- DHCP, proxyDHCP, TFTP -----------------------------------------------------------------------
common=(--keep-in-foreground --no-resolv --no-hosts --port=0 --log-dhcp --log-facility=- --user=root --group=root --conf-file=/dev/null)
ip netns exec dhcp dnsmasq "${common[@]}" --dhcp-range=172.22.52.50,172.22.52.99,255.255.255.0,1h --dhcp-authoritative --no-ping \
  --dhcp-leasefile=/run/leases >"$out/dhcp.log" 2>&1 &
ip netns exec pxe dnsmasq "${common[@]}" --dhcp-range=172.22.52.0,proxy --pxe-service='x86PC,Network boot,boot\x86\wdsnbp.com' \
  --enable-tftp --tftp-root="$tftp_root" --dhcp-leasefile=/run/leases.pxe >"$out/pxe.log" 2>&1 &

# --- capture -------------------------------------------------------------------------------------
# Without immediate mode the kernel hands over a block when it is full or a second old, and the last second of a boot is lost.
tcpdump -i br0 --immediate-mode -U -s 0 -B 65536 -w "$out/install.pcap" 2>"$out/tcpdump.log" &
tcpdump_pid=$!
until_true 10 'capture' grep -q 'listening on' "$out/tcpdump.log"
until_true 10 'file server' ip netns exec pxe bash -c "</dev/tcp/$pxe_ip/445"
until_true 10 'DHCP' grep -q 'DHCP, IP range' "$out/dhcp.log"
until_true 10 'TFTP' grep -q 'TFTP root' "$out/pxe.log"
say 'lab ready'

# --- the client ----------------------------------------------------------------------------------
truncate -s 0 "$out/disk.raw"
truncate -s "${DISK_MIB:-2048}M" "$out/disk.raw"
power_on() { # power_on LOG_PREFIX NIC_OPTIONS: until the guest restarts or powers off
  timeout "${TIMEOUT_S:-180}" qemu-system-x86_64 -machine pc,accel="${ACCEL:-tcg}" -cpu max -m "${MEMORY_MIB:-512}" -display none -nodefaults -vga std \
    -netdev tap,id=net0,ifname=tap0,script=no,downscript=no -device "$nic,netdev=net0,mac=$mac,$2" \
    -drive "if=none,id=disk0,format=raw,cache=unsafe,file=$out/disk.raw" -device virtio-blk-pci,drive=disk0,bootindex=1 \
    -serial "file:$out/$1serial0.log" -serial "file:$out/$1events.log" -boot strict=on -no-reboot \
    ${MONITOR:+-qmp "unix:$MONITOR,server=on,wait=off"} >"$out/$1qemu.log" 2>&1 || say "QEMU ended with $?"
}
power_on_s=$EPOCHREALTIME
power_on '' bootindex=0
say 'client stopped'
[[ ${DISK_BOOT-} != 1 ]] || { power_on disk- romfile=; say 'client stopped again, started from its disk'; }
# A datagram to the discard port, from one server to the other: when it is in the file, everything before it is.
ip netns exec pxe bash -c "echo end-of-capture >/dev/udp/$dhcp_ip/9"
until_true 5 "end of capture" bash -c "tail -c 2000 $out/install.pcap | grep -qa end-of-capture"
kill -INT $tcpdump_pid; wait $tcpdump_pid || true

# --- phases, from the capture --------------------------------------------------------------------
at() { tcpdump -ttnr "$out/install.pcap" -c 1 "$1" 2>/dev/null | cut -d' ' -f1; }
last() { tcpdump -ttnr "$out/install.pcap" "$1" 2>/dev/null | tail -n 1 | cut -d' ' -f1; }
phase() { printf '%7s s  %s\n' "$(awk -v from="$power_on_s" -v to="${1:-0}" 'BEGIN { if (to) printf "%.2f", to - from; else print "-" }')" "$2" | tee -a "$out/phases.txt"; }
echo 'from power-on:' | tee -a "$out/phases.txt"
if [[ ${PHASES-1} == 1 ]]; then
phase "$(at 'udp port 67')" 'first DISCOVER'
phase "$(at 'udp dst port 69')" 'first TFTP read request'
phase "$(last 'udp and dst host '$pxe_ip' and not port 67 and not port 4011')" 'last TFTP packet: kernel and initramfs are there'
phase "$(at 'tcp dst port 445')" 'first SMB packet'
phase "$(last 'tcp port 445')" 'last SMB packet'
fi
grep -q '"event":"agent.result".*"ok":true' "$out/events.log" && verdict=installed || verdict='NOT INSTALLED'
phase "$EPOCHREALTIME" "$verdict"
[[ $verdict == installed ]]
