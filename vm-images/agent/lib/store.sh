# The store of disk backups, with restic as its client. restic tries again for 15 minutes when a store is full or gone, so what
# it says is read as it comes, and it is ended when it cannot get on (decision 193).

STORE_PROGRAMS='/usr/bin/restic /usr/sbin/partclone.restore /usr/sbin/sfdisk'
# All that restic says, the ends of the programs of a pipeline, and each tick of a clock, as lines.
STORE_MESSAGES=/run/store-messages
# One line a snapshot of a client: id, backup, `manifest` or the number of the partition, path.
STORE_SNAPSHOTS=/run/store-snapshots
# The authority of a store with a certificate; the boot server adds it to the boot image.
STORE_AUTHORITY=/agent/store-authority.pem
# Seconds that requests may fail, one after the other, or the network may be without a link, before restic is ended, and that it may
# then take to end; seconds without anything from the network after which the store is asked whether it is there, and those that it
# has to answer.
STORE_GONE_SECONDS=60 STORE_END_SECONDS=15 STORE_SILENT_SECONDS=20 STORE_ANSWER_SECONDS=10
# Exit status of the last restic and of what read its output; its summary, what it said last, and why it was ended.
store_status= store_sink_status= store_summary= store_said= store_why=
# Function that gets the number of bytes that restic has read or written so far; how much of a partition's stream that was, as reported.
store_progress=true stream_percent=-1

# store_open: finds out whether there is a store. Two computers that booted the same image must not have the same name, since
# restic takes a lock of its own host for stale when it sees no such process.
store_open() {
  local program scheme=http
  for program in $STORE_PROGRAMS; do
    [ -x "$program" ] || fail store "this boot image has no ${program##*/}; have the boot program load backup.img after agent.img"
  done
  hostname "$option_client"
  if [ "$option_storetls" = 1 ]; then
    scheme=https
    [ ! -e "$STORE_AUTHORITY" ] || export RESTIC_CACERT=$STORE_AUTHORITY
  fi
  export RESTIC_REPOSITORY="rest:$scheme://$option_store/" RESTIC_PASSWORD="$option_storepassword" RESTIC_PROGRESS_FPS=4
  mkfifo "$STORE_MESSAGES"
  # Read and write: opening does not wait for the other side, and there is no end of file.
  exec 8<>"$STORE_MESSAGES"
  # Instead of a read with a timeout, which drops the line that it is in the middle of.
  while usleep 250000; do echo 'pxw tick' >&8; done &
  store_answers || fail store "no store of backups answers at $option_store; see whether it runs, and whether this network reaches it"
}

# store_answers: whether the store takes a connection, and ends it when the other side has.
store_answers() {
  timeout $STORE_ANSWER_SECONDS nc "${option_store%:*}" "${option_store##*:}" </dev/null >/run/store-answer 2>&1
}

# store_list CLIENT: lists its snapshots in STORE_SNAPSHOTS.
store_list() {
  store_do store_list_sink snapshots --json --host "$1"
  [ "$store_status" = 0 ] || store_fail store "reading the list of backups"
}

store_list_sink() {
  # An object a line: awk's functions copy their text.
  sed 's/},{"time"/}\n{"time"/g; s/^\[//; s/\]$//' | awk -f /agent/json.awk | awk -F '\t' '
    function flush() { if (id != "" && backup != "") print id "\t" backup "\t" part "\t" path }
    $1 != record { flush(); record = $1; id = backup = part = path = "" }
    $2 == "id" { id = $3 }
    $2 == "paths.0" { path = $3 }
    $2 ~ /^tags\./ && $3 ~ /^backup=/ { backup = substr($3, 8) }
    $2 ~ /^tags\./ && $3 ~ /^part=/ { part = substr($3, 6) }
    $2 ~ /^tags\./ && $3 == "manifest" { part = "manifest" }
    END { flush() }' >"$STORE_SNAPSHOTS"
}

# store_do SINK ARGUMENT…: runs `restic ARGUMENT…`. The function SINK reads its standard output; `-`: it is messages. A lock of a
# program that is gone is removed; the end of any other is waited for. A store that went away after it had written a pack and before
# it had said so refuses that pack (403), and restic gives up: the next run gives its packs other names (decision 193).
store_do() {
  store_try "$@"
  case $store_status:$store_said in
    1:*'403 Forbidden'*) store_try "$@" ;;
  esac
  [ "$store_status" = 11 ] || return 0
  store_try - unlock
  store_try "$@" --retry-lock 30s
}

store_try() {
  local line
  store_sink=$1
  shift
  store_status= store_sink_status=0 store_summary= store_said= store_why= store_program= store_failing_since= store_unplugged_since= store_ended_at=
  store_clock
  store_received= store_heard_at=$clock
  if [ "$store_sink" = - ]; then
    store_restic "$@" >&8 &
  else
    store_sink_status=
    store_restic "$@" | store_into "$store_sink" &
  fi
  while [ -z "$store_status" ] || [ -z "$store_sink_status" ]; do
    IFS= read -r line <&8
    store_message "$line"
  done
  wait $!
}

store_restic() {
  sh -c 'echo "pxw program $$" >&8; exec restic "$@" 2>&8' restic --no-cache --stuck-request-timeout 60s "$@" </dev/null
  # On a line of its own, whatever a program that was killed has written of one.
  printf '\npxw status %s\n' $? >&8
}

store_into() {
  "$1"
  printf '\npxw sink %s\n' $? >&8
}

# store_message LINE
store_message() {
  local bytes
  store_clock
  case $1 in
    'pxw tick')
      store_watch
      [ "$store_sink" = - ] || store_written
      ;;
    'pxw program '*) store_program=${1##* } ;;
    'pxw status '*) store_status=${1##* } ;;
    'pxw sink '*) store_sink_status=${1##* } ;;
    '{"message_type":"status"'*)
      bytes=${1##*'"bytes_done":'}
      [ "$bytes" = "$1" ] || $store_progress "${bytes%%[!0-9]*}"
      ;;
    '{"message_type":"summary"'*) store_summary=$1 ;;
    '{"message_type":'*) store_said=$(printf '%s\n' "$1" | awk -f /agent/json.awk | awk -F '\t' '$2 ~ /message$/ { print $3 }') ;;
    *'507 Insufficient Storage'*) store_end 'the store is full (507 Insufficient Storage)' ;;
    # restic tries again as if the store were gone; a certificate stays as it is.
    *'failed to verify certificate: '*) store_end "the certificate of the store is refused: ${1##*'failed to verify certificate: '}" ;;
    *'returned error, retrying'*) store_failing_since=${store_failing_since:-$clock} ;;
    *'operation successful after'*) store_failing_since= ;;
    ?*) store_said=$1 ;;
  esac
}

# store_written: what restic has written so far, which it does not say of a dump; its requests count, too, and are small.
store_written() {
  local name value
  while read -r name value; do
    [ "$name" != wchar: ] || $store_progress "$value"
  done <"/proc/$store_program/io"
} 2>/dev/null

# store_percent EVENT WORD BYTES: reports how much of the stream of a partition restic has read or written, at most once for each tenth.
store_percent() {
  local percent
  [ "$stream_bytes" -gt 0 ] || return 0
  percent=$(($3 * 100 / stream_bytes))
  [ $percent -lt 100 ] || percent=99
  [ $((percent / 10)) -gt $((stream_percent / 10)) ] && [ $percent -gt 0 ] || return 0
  stream_percent=$percent
  event "$1" partition:="$number" percent:="$percent"
  screen_progress "$percent" "$2"
}

# store_watch: ends restic when its requests have failed for too long, when there has been no link for so long, or nothing has come
# from the network and the store does not answer: the silence may also be that of a long calculation. Without a link restic cannot
# remove its lock, and is not waited for.
store_watch() {
  local received= seconds
  { read -r received <"/sys/class/net/$network_interface/statistics/rx_bytes"; } 2>/dev/null
  [ "$received" = "$store_received" ] || store_received=$received store_heard_at=$clock
  if network_is_unplugged; then store_unplugged_since=${store_unplugged_since:-$clock}; else store_unplugged_since=; fi
  if [ -n "$store_ended_at" ]; then
    [ $((clock - store_ended_at)) -le $STORE_END_SECONDS ] && [ -z "$store_unplugged_since" ] || kill -KILL "$store_program" 2>/dev/null
  elif [ -n "$store_unplugged_since" ]; then
    seconds=$((clock - store_unplugged_since))
    [ $seconds -lt $STORE_GONE_SECONDS ] ||
      store_end "the network card has had no link for $seconds s; see whether its cable is plugged in"
  elif [ -n "$store_failing_since" ]; then
    seconds=$((clock - store_failing_since))
    [ $seconds -lt $STORE_GONE_SECONDS ] && return
    # One that is back gets the time that restic takes until its next try.
    [ $seconds -lt $((2 * STORE_GONE_SECONDS)) ] && store_answers && return
    store_end "the store has not answered for $seconds s"
  elif [ $((clock - store_heard_at)) -ge $STORE_SILENT_SECONDS ]; then
    if store_answers; then
      store_heard_at=$clock
      return
    fi
    seconds=$((clock - store_heard_at))
    [ $seconds -lt $STORE_GONE_SECONDS ] || store_end "the store has not answered for $seconds s"
  fi
}

# store_clock: sets `clock` to the seconds since the start.
store_clock() {
  read -r clock _ </proc/uptime
  clock=${clock%.*}
}

# store_end WHY: ends restic so that it removes its lock.
store_end() {
  [ -z "$store_ended_at" ] || return 0
  store_why=$1 store_ended_at=$clock
  kill -INT "$store_program" 2>/dev/null
}

# store_summary_field NAME: prints a field of the last summary.
store_summary_field() {
  printf '%s\n' "$store_summary" | awk -f /agent/json.awk | awk -F '\t' -v name="$1" '$2 == name { print $3 }'
}

# store_fail STAGE WHAT: says why the last restic failed.
store_fail() {
  local why=${store_why:-${store_said:-restic ended with $store_status}}
  # One that was ended while it tried the keys also says that none fits (12).
  [ -n "$store_why" ] || case $store_status in
    10) fail store "$option_store has no store of backups yet; start one that makes it, or run restic init" ;;
    11) fail store "the store at $option_store is locked: $why" ;;
    12) fail store "$option_store: wrong password of the store" ;;
  esac
  fail "$1" "$2: $why"
}
