# The image by multicast: udp-receiver of udpcast (multicast.img).

# On the disk that the image is for, since memory may be smaller than it; in ext4's own folder, where no file of an image is.
RECEIVED=$TARGET/lost+found/image.wim
# Longest wait for a sender that lets this computer in: one that came late waits for the whole transfer to the others.
RECEIVE_ANSWER_SECONDS=600
# Longest wait for the first block, and then longest silence of the sender.
RECEIVE_START_SECONDS=600 RECEIVE_SILENCE_SECONDS=30

# receive_image BYTES: receives a file of so many bytes as RECEIVED; on failure sets receive_error.
receive_image() {
  local line percent bytes=0 last=-1 status
  command -v udp-receiver >/dev/null || { receive_error='this boot image has no udp-receiver; load multicast.img after it'; return 1; }
  # Once it is let in, udp-receiver waits for ever for the first block.
  { usleep $((RECEIVE_START_SECONDS * 1000000)); [ -s "$RECEIVED" ] || killall udp-receiver; } 2>/dev/null &
  {
    udp-receiver --interface "$network_interface" --portbase "$option_multicast" --file "$RECEIVED" --nokbd --nosync \
      --start-timeout $RECEIVE_ANSWER_SECONDS --receive-timeout $RECEIVE_SILENCE_SECONDS 2>&1
    echo $? >/run/receive.status
  } | tr '\r' '\n' | tee /run/receive.log | while read -r line; do
    case $line in
      'Connected as #'*) event agent.receive client:="$(number_after '#' "$line")" ;;
      bytes=*)
        # `bytes=  49 724 019  (28.31 Mbps)`
        line=${line#bytes=}
        bytes=${line%%(*}
        bytes=${bytes// /}
        percent=$((bytes * 100 / $1))
        [ $((percent / 10)) = $last ] && continue
        last=$((percent / 10))
        event agent.receive percent:="$percent"
        screen_progress "$percent" received
        ;;
    esac
  done
  kill $! 2>/dev/null
  read -r status </run/receive.status
  [ "$status" = 0 ] || { receive_error=$(grep -v '^bytes=' /run/receive.log | grep . | tail -n 1); receive_error="udp-receiver ended with $status: $receive_error"; return 1; }
  bytes=$(stat -c %s "$RECEIVED")
  [ "$bytes" = "$1" ] || { receive_error="$bytes bytes came, the file on the share has $1"; return 1; }
}

# number_after MARK TEXT: prints the digits behind the first MARK in TEXT.
number_after() {
  local rest=${2#*"$1"}
  printf %s "${rest%%[!0-9]*}"
}
