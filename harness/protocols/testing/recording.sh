# For the record.sh of a room, which sources it: conversations of a client with a server on a wire of their own, captured at the server.

# each_conversation ALL DIRECTORY [CONVERSATION…]: runs the script once more for each conversation, in namespaces of its own, with the
# directory, a folder that is gone afterwards, and the conversation's name; returns only inside.
each_conversation() {
  [ "${INSIDE:-}" != yes ] || return 0
  local all=$1 directory name work
  mkdir -p "$2"
  directory=$(realpath "$2")
  shift 2
  for name in ${@:-$all}; do
    work=$(mktemp -d)
    INSIDE=yes unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$directory" "$work" "$name"
    rm -rf "$work"
  done
  exit
}

# The server is this namespace, at 10.9.0.1; the namespace `client` is at 10.9.0.11.
two_hosts() {
  mount -t tmpfs tmpfs /run
  ip link set lo up
  ip netns add client
  ip link add eth0 address 02:00:00:00:00:01 type veth peer name eth0 netns client
  ip -n client link set eth0 address 02:00:00:00:00:11
  ip addr add 10.9.0.1/24 brd + dev eth0
  ip -n client addr add 10.9.0.11/24 brd + dev eth0
  ip link set eth0 up
  ip -n client link set lo up
  ip -n client link set eth0 up
}

wait_for() { # what, then a command that succeeds when it is there
  local what=$1 deadline=$((SECONDS + 60)); shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { echo "$name: $what did not come within 60 s" >&2; exit 1; }
    sleep 0.02
  done
}

# serve_store STORE OPTION…: restic-rest-server at port 8000.
serve_store() {
  local store=$1 before; shift
  before=$(wc -l < "$work/server.log")
  restic-rest-server --path "$store" --listen 10.9.0.1:8000 "$@" >> "$work/server.log" 2>&1 & server=$!
  wait_for rest-server bash -c "tail -n +$((before + 1)) '$work/server.log' | grep -q 'start server'"
}

capture() {
  tcpdump -i eth0 -s 0 -B 32768 --immediate-mode -U -Z root -w "$work/whole.pcap" 'ip and not icmp' 2> "$work/tcpdump" & capturing=$!
  wait_for tcpdump grep -q 'listening on' "$work/tcpdump"
}

# end_capture FILE: of long frames, which are in the middle of what nobody reads, it has the beginnings.
end_capture() {
  # The capture is whole when a marker of ours to the discard port is in the file.
  ip netns exec client bash -c 'echo end of recording > /dev/udp/10.9.0.1/9'
  wait_for 'the last frame' grep -q 'end of recording' "$work/whole.pcap"
  kill -TERM $capturing; wait $capturing || true
  tcpdump -r "$work/whole.pcap" -w "$work/long.pcap" 'greater 6000' 2> /dev/null
  tcpdump -r "$work/whole.pcap" -w "$work/short.pcap" 'less 5999' 2> /dev/null
  editcap -F pcap -s 150 "$work/long.pcap" "$work/cut.pcap"
  mergecap -F pcap -w "$1" "$work/cut.pcap" "$work/short.pcap"
}
