#!/bin/bash
# Transfers by udp-sender and udp-receiver, each captured at the sender, with what both programs report. Run as root:
# ./record.sh DIRECTORY BYTES [TRANSFER…]; all transfers when none is named, at the same time. For each one: NAME.pcap,
# NAME.sender.log, NAME.1.log (a receiver each), NAME.sha256 (the image first, then what each receiver wrote).
# Namespaces of its own; a few seconds. The captures beside this script: ./record.sh . 100000, without the other files.
set -euo pipefail
if [ "${INSIDE:-}" != yes ]; then
  mkdir -p "$1"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  directory=$(realpath "$1") bytes=$2
  shift 2
  head -c "$bytes" /dev/urandom > "$work/image"
  running=()
  for transfer in "${@:-late-joiner straggler dropped killed point-to-point asynchronous}"; do
    for name in $transfer; do
      INSIDE=yes unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$directory" "$work" "$name" &
      running+=($!)
    done
  done
  failed=0
  for one in "${running[@]}"; do wait "$one" || failed=1; done
  exit $failed
fi
out=$1 work=$2 name=$3
mount -t tmpfs tmpfs /run
ip link add br0 type bridge mcast_snooping 0
ip link set br0 address 02:00:00:00:00:01
ip link set lo up
ip addr add 10.9.0.1/24 brd + dev br0
ip link set br0 up
ip route add 224.0.0.0/4 dev br0
for i in 1 2 3; do
  ip netns add r$i
  ip link add v$i type veth peer name eth0 netns r$i
  ip link set v$i master br0 up
  ip -n r$i link set eth0 address 02:00:00:00:00:1$i
  ip -n r$i addr add 10.9.0.1$i/24 brd + dev eth0
  ip -n r$i link set eth0 up
  ip -n r$i route add 224.0.0.0/4 dev eth0
done

wait_for() { # what, then a command that succeeds when it is there
  local what=$1 deadline=$((SECONDS + 30)); shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { echo "$name: $what did not come within 30 s" >&2; exit 1; }
    sleep 0.02
  done
}
image=$work/image
receivers=()
receiver() { # NUMBER OPTION…
  local number=$1; shift
  timeout 60 ip netns exec r$number udp-receiver --interface eth0 --nokbd --nosync --file "$work/$name.$number" "$@" \
    > "$out/$name.$number.log" 2>&1 &
  receivers[$number]=$!
  wait_for "receiver $number" grep -q 'UDP receiver for' "$out/$name.$number.log"
}
signal() { kill -"$2" "$(pgrep -P "${receivers[$1]}")"; } # NUMBER SIGNAL
sender() { # OPTION…
  timeout 60 udp-sender --interface br0 --nokbd --file "$image" --rexmit-hello-interval 300 "$@" \
    > "$out/$name.sender.log" 2>&1 & sending=$!
}
sender_says() { wait_for "$1" grep -q "$1" "$out/$name.sender.log"; }

tcpdump -i br0 -s 250 -B 32768 --immediate-mode -U -Z root -w "$out/$name.pcap" udp 2> "$work/$name.tcpdump" & capture=$!
wait_for tcpdump grep -q 'listening on' "$work/$name.tcpdump"
case $name in
  # Two receivers; a third one asks when the transfer has begun.
  late-joiner)
    receiver 1; receiver 2
    sender --min-receivers 2 --max-bitrate 8m
    sender_says 'Starting transfer'
    receiver 3 --start-timeout 1
    ;;
  # The third receiver stands still while the transfer begins, with little room for what comes meanwhile.
  straggler)
    receiver 1; receiver 2; receiver 3 --rcvbuf 8192
    sender --min-receivers 3 --slice-size 16 --max-slice-size 16
    wait_for 'the third receiver' grep -q 'Connected as' "$out/$name.3.log"
    signal 3 STOP
    sender_says 'Timeout notAnswered'
    signal 3 CONT
    ;;
  # It stands still for longer than the sender waits, and for good.
  dropped)
    receiver 1; receiver 2; receiver 3 --rcvbuf 8192
    # From the eleventh time on it waits a second each time: a receiver that is only slow on a busy host is not dropped.
    sender --min-receivers 3 --slice-size 16 --max-slice-size 16 --retries-until-drop 11
    wait_for 'the third receiver' grep -q 'Connected as' "$out/$name.3.log"
    signal 3 STOP
    wait $sending || true
    signal 3 KILL
    ;;
  # The sender dies, and another one serves another receiver while the first one waits.
  killed)
    receiver 1 --receive-timeout 3
    sender --min-receivers 1 --slice-size 16 --max-slice-size 16 --max-bitrate 1m
    wait_for 'the first bytes' grep -q 'bytes=' "$out/$name.1.log"
    kill -KILL "$(pgrep -P $sending)"
    wait $sending || true
    receiver 2
    sender --min-receivers 1 --slice-size 16 --max-slice-size 16
    ;;
  # One receiver, without a group.
  point-to-point)
    receiver 1
    sender --pointopoint --min-receivers 1
    ;;
  # No way back: blocks of forward error correction in the place of answers. No more than a receive buffer holds, so that
  # a busy host loses none.
  asynchronous)
    image=$work/image-of-100000
    head -c 100000 "$work/image" > "$image"
    receiver 1; receiver 2
    sender --async --fec 2x2/16 --max-bitrate 40m --autostart 1
    ;;
  *) echo "no transfer is named $name" >&2; exit 2 ;;
esac
wait $sending || true
for one in "${receivers[@]}"; do wait "$one" || true; done
# The capture is whole when a marker of ours to the discard port is in the file.
bash -c 'echo end of recording > /dev/udp/10.9.0.11/9'
wait_for 'the last frame' grep -q 'end of recording' "$out/$name.pcap"
kill -TERM $capture; wait $capture || true
(cd "$work"; sha256sum "$image" "$name".[0-9] | cut -d' ' -f1) > "$out/$name.sha256"
