#!/bin/bash
# Conversations of restic with rest-server, each captured at the server, with what restic printed. Run as root:
# ./record.sh DIRECTORY [CONVERSATION…]; all of them when none is named. For each one: NAME.pcap and NAME.log (commands,
# what they printed, exit statuses). Namespaces of its own; two minutes. The captures beside this script: ./record.sh . ,
# without the logs. Of the long frames of packs the captures hold the beginnings. busy-NAME is NAME by a client whose every write(2)
# returns after 100 ms (strace): Go's HTTP client then has the answer 50 ms before it knows that its request was sent, and closes the connection.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/../../testing/recording.sh"
each_conversation 'init backup increment snapshots restore restore-folder dump-folder dump-file list-files check prune forget-refused wrong-password no-repository
  locked beside lock-refused unlock damaged truncated missing full restarted there-already killed unreachable user wrong-user
  busy-init busy-backup busy-snapshots busy-restore busy-check busy-prune busy-unlock busy-wrong-password' "$@"
out=$1 work=$2 name=$3 beside=$(dirname "$(realpath "$0")")
two_hosts
export RESTIC_REPOSITORY=rest:http://10.9.0.1:8000/ RESTIC_PASSWORD=Passw0rd.lab RESTIC_PROGRESS_FPS=0.01 HOME=$work
store=$work/store log=$out/$name.log
mkdir "$store"
: > "$log"; : > "$work/server.log"

serve() { serve_store "$store" "$@"; } # OPTION…
busy=()
[[ $name != busy-* ]] || busy=(strace -f -q -o /dev/null -e trace=write -e inject=write:delay_exit=100000)
# What restic does unseen, before the capture; what it does in it, with its exit status; and in the background.
quietly() { ip netns exec client restic --no-cache -q "$@" > /dev/null 2>&1; }
restic() {
  echo "\$ restic $*" >> "$log"
  local status=0
  ip netns exec client "${busy[@]}" restic --no-cache "$@" >> "$log" 2>&1 || status=$?
  echo "exit status $status" >> "$log"
}
begin() {
  echo "\$ restic $*" >> "$log"
  ip netns exec client restic --no-cache "$@" >> "$log" 2>&1 & running=$!
}
image() { head -c "$1" /dev/urandom > "$work/image"; }
save=(backup --host pc --tag backup=20261128T120000Z --tag part=1 --stdin-filename /part-1.raw --stdin-from-command -- cat "$work/image")
saved() { # a store with a backup of so many bytes
  image "$1"
  quietly init
  quietly "${save[@]}"
}
largest_pack() { find "$store/data" -type f -printf '%s %p\n' | sort -n | tail -1 | cut -d' ' -f2; }

case ${name#busy-} in
  init) serve --no-auth; capture; restic init ;;
  backup) serve --no-auth; image 60000; quietly init; capture; restic "${save[@]}" ;;
  # Another file, so that the parent's tree is read and something is stored.
  increment) serve --no-auth; saved 60000; image 50000; capture; restic "${save[@]}" ;;
  snapshots) serve --no-auth; saved 60000; quietly "${save[@]}"; capture; restic snapshots ;;
  restore)
    serve --no-auth; saved 3000000; capture
    restic dump --target "$work/back" latest /part-1.raw
    cmp "$work/image" "$work/back"
    ;;
  # Two folders deep: trees are read twice, once for the folders and once for their times.
  restore-folder)
    serve --no-auth; quietly init; mkdir -p "$work/folder/deep"; image 3000; cp "$work/image" "$work/folder/deep/backup.json"; cp "$work/image" "$work/folder/table"
    (cd "$work"; ip netns exec client restic --no-cache -q backup folder)
    capture
    restic restore latest --target "$work/back"
    diff -r "$work/folder" "$work/back/folder"
    ;;
  # A folder as the agent reads it: below the tree that the snapshot's root has.
  dump-folder | dump-file | list-files)
    serve --no-auth; quietly init; mkdir -p /run/backup-1; image 3000; cp "$work/image" /run/backup-1/backup.json; cp "$work/image" /run/backup-1/table.sfdisk
    quietly backup /run/backup-1
    capture
    case $name in
      dump-folder) restic dump --archive tar --target "$work/back.tar" latest:/run/backup-1 / ;;
      dump-file) restic dump --target "$work/back" latest /run/backup-1/backup.json ;;
      list-files) restic ls latest ;;
    esac
    ;;
  check) serve --no-auth; saved 60000; capture; restic check --read-data ;;
  prune)
    serve --no-auth; saved 60000; image 50000; quietly "${save[@]}"; capture
    restic forget --keep-last 1 --prune
    ;;
  # A server that lets nobody remove anything.
  forget-refused)
    serve --no-auth; saved 60000; quietly "${save[@]}"
    kill $server; wait $server || true; serve --no-auth --append-only
    capture
    restic forget --keep-last 1
    ;;
  wrong-password) serve --no-auth; quietly init; capture; RESTIC_PASSWORD=wrong restic snapshots ;;
  no-repository) serve --no-auth; capture; restic snapshots ;;
  # Another backup is under way: prune cannot have the store for itself, a backup can do beside it.
  locked | beside)
    serve --no-auth; quietly init
    mkfifo "$work/pipe"
    begin backup --host other --stdin-filename /other.raw --stdin-from-command -- cat "$work/pipe"
    wait_for 'the lock' bash -c "ls '$store/locks' | grep -q ."
    capture
    if [ $name = locked ]; then restic prune; else image 50000; restic "${save[@]}"; fi
    echo end > "$work/pipe"
    wait $running || true
    ;;
  # A check has the store for itself.
  lock-refused)
    serve --no-auth; quietly init
    begin check
    wait_for 'the lock' bash -c "ls '$store/locks' | grep -q ."
    kill -STOP $running
    capture
    image 50000; restic "${save[@]}"
    ;;
  # The lock of a client that was killed.
  unlock)
    serve --no-auth; quietly init
    mkfifo "$work/pipe"
    begin backup --stdin-filename /other.raw --stdin-from-command -- cat "$work/pipe"
    wait_for 'the lock' bash -c "ls '$store/locks' | grep -q ."
    kill -KILL $running; wait $running || true
    capture
    restic unlock
    ;;
  damaged)
    serve --no-auth; saved 3000000
    pack=$(largest_pack); chmod u+w "$pack"
    printf x | dd of="$pack" bs=1 seek=2000 conv=notrunc status=none
    capture
    restic dump --target "$work/back" latest /part-1.raw
    ;;
  truncated)
    serve --no-auth; saved 3000000
    pack=$(largest_pack); chmod u+w "$pack"; truncate -s 100 "$pack"
    capture
    restic dump --target "$work/back" latest /part-1.raw
    ;;
  missing)
    serve --no-auth; saved 3000000
    rm -f "$(largest_pack)"
    capture
    restic dump --target "$work/back" latest /part-1.raw
    ;;
  # A server that takes no more than 40 000 bytes (its folders count, too): restic tries again until it is told to stop.
  full)
    serve --no-auth; quietly init; image 60000
    kill $server; wait $server || true; serve --no-auth --max-size $(($(find "$store" -printf '%s+')40000))
    capture
    begin "${save[@]}"
    wait_for 'two refusals' bash -c "[ \$(grep -c 'Insufficient Storage' '$log') -ge 2 ]"
    kill -INT $running; wait $running || true
    ;;
  # The server is killed while a backup is under way, and is back after two seconds.
  restarted)
    serve --no-auth; quietly init; image 24000000; mkfifo "$work/pipe"
    capture
    begin backup --pack-size 4 --host pc --stdin-filename /part-1.raw --stdin-from-command -- cat "$work/pipe"
    exec 3> "$work/pipe"
    head -c 16000000 "$work/image" >&3
    wait_for 'a pack' bash -c "find '$store/data' -type f -size +100k | grep -q ."
    kill -KILL $server; wait $server || true
    tail -c +16000001 "$work/image" >&3; exec 3>&-
    wait_for 'a refused connection' grep -q 'connection refused' "$log"
    sleep 2
    serve --no-auth
    wait $running || true
    ;;
  # The server's host dies when a pack is written and the answer is not sent. restic sends the pack once more, is refused, and gives up;
  # started again it saves everything.
  there-already)
    serve --no-auth; quietly init; image 9000000
    kill $server; wait $server || true
    restic-rest-server --path "$store" --listen 127.0.0.1:8001 --no-auth >> "$work/server.log" 2>&1 &
    python3 "$beside/lose-answer.py" 10.9.0.1 8000 127.0.0.1 8001 > /dev/null &
    relaying=$!
    wait_for 'the relay' ip netns exec client curl -s http://10.9.0.1:8000/config
    capture
    restic "${save[@]:0:1}" --pack-size 4 "${save[@]:1}"
    restic "${save[@]}"
    kill $relaying
    ;;
  killed)
    serve --no-auth; quietly init; image 16000000; mkfifo "$work/pipe"
    capture
    begin backup --pack-size 4 --host pc --stdin-filename /part-1.raw --stdin-from-command -- cat "$work/pipe"
    exec 3> "$work/pipe"
    cat "$work/image" >&3
    wait_for 'a pack' bash -c "find '$store/data' -type f -size +100k | grep -q ."
    kill -KILL $running; wait $running || true
    ;;
  unreachable)
    capture
    begin snapshots
    wait_for 'two refused connections' bash -c "[ \$(grep -c 'connection refused' '$log') -ge 2 ]"
    kill -INT $running; wait $running || true
    ;;
  user | wrong-user)
    # The password is `secret`, as SHA-1 in the form of htpasswd.
    echo "pc1:{SHA}$(printf secret | openssl dgst -sha1 -binary | base64)" > "$store/.htpasswd"
    serve --private-repos
    password=secret; [ $name = user ] || password=other
    export RESTIC_REPOSITORY=rest:http://10.9.0.1:8000/pc1/ RESTIC_REST_USERNAME=pc1 RESTIC_REST_PASSWORD=$password
    capture
    restic init
    ;;
  *) echo "no conversation is named $name" >&2; exit 2 ;;
esac
end_capture "$out/$name.pcap"
