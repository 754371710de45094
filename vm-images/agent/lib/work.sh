# A computer at work: a program writes numbered records to the disk until it is enough. Meanwhile its hypervisor saves the disk, for
# which QEMU's guest agent holds it still when it is asked to, or this computer does it by itself, of a snapshot.

WORK_STEPS='network:Start the network
find:Find the system
work:Work
finish:Switch off'
WORK_SAVED_STEPS='network:Start the network
store:Open the store
find:Find the system
work:Work
backup:Save the disk meanwhile
finish:Switch off'

# Each record is a line of the log, written out before its number is written to the index: what a database does.
WORK_FOLDER=$TARGET/var/lib/work
# The harness is told of every tenth record.
WORK_TOLD=10
# The last record that was told of; the stage and the words of a backup that failed.
WORK_RECORDS=/run/work.records WORK_FAILED=/run/work.failed
work_writer=

work_run() {
  if [ -n "$option_snapshots" ]; then
    screen_mode "$WORK_SAVED_STEPS" 'Computer at work'
    install_network
    screen_stage store 'Opening the store'
    store_open
    capture_find
    work_beneath
    screen_stage work 'Working'
    work_begin
    work_save_each
  else
    screen_mode "$WORK_STEPS" 'Computer at work'
    install_network
    capture_find
    screen_stage work 'Working'
    work_agent
    work_begin
    # A line from the harness on the port of the events.
    read -r _ <&4
  fi
  work_end
  work_finish
}

# work_agent: starts QEMU's guest agent on the port that it has in this VM. Without udev, ports have no names.
work_agent() {
  local port= name
  set +f
  for name in /sys/class/virtio-ports/*/name; do
    set -f
    [ -e "$name" ] && [ "$(cat "$name")" = org.qemu.guest_agent.0 ] && port=${name%/name} port=/dev/${port##*/}
  done
  set -f
  [ -n "$port" ] || fail work 'this VM has no port org.qemu.guest_agent.0, on which its host would speak to the guest agent'
  mkdir -p /run/qemu-ga
  qemu-ga --daemonize --method=virtio-serial --path="$port" --statedir=/run/qemu-ga --pidfile=/run/qemu-ga/pid --logfile=/run/qemu-ga/log ||
    fail work "qemu-ga did not start: $(tail -n 1 /run/qemu-ga/log)"
}

# work_beneath: mounts the system once more, with a device beneath of which snapshots can be taken.
work_beneath() {
  local error
  umount "$TARGET" || fail find "unmounting $disk_partition"
  snapshot_beneath "$disk_partition" || fail find "a device for snapshots of $disk_partition: $snapshot_error"
  disk_partition=$SNAPSHOT_ORIGIN
  error=$(disk_mount) || fail find "mounting $disk_partition: $error"
}

work_begin() {
  mkdir -p "$WORK_FOLDER"
  echo 0 >$WORK_RECORDS
  (
    work_write
    written=$?
    : >/run/work.ended
    exit $written
  ) &
  work_writer=$!
}

# It leaves half of a slow processor to whoever saves the disk. A record goes out by one write(2), being shorter than 4096 bytes: a freeze holds it up before or after it, never within.
work_write() {
  local number=0 text sum
  cd "$WORK_FOLDER" || return 1
  while [ ! -e /run/work.enough ]; do
    usleep 50000
    number=$((number + 1))
    text="$number $(head -c 2700 /dev/urandom | base64 -w 0)"
    sum=$(printf %s "$text" | md5sum)
    {
      printf '%s %s\n' "${sum%% *}" "$text" >>log && sync log &&
        printf '%s\n' $number >>index && sync index
    } 2>/run/work.error || return 1
    [ $((number % WORK_TOLD)) = 0 ] || continue
    event agent.work records:=$number
    echo $number >$WORK_RECORDS.new && mv $WORK_RECORDS.new $WORK_RECORDS
  done
  event agent.work records:=$number
}

# work_goes_on: waits until the program has told of more records.
work_goes_on() {
  local told
  told=$(cat $WORK_RECORDS)
  while [ "$(cat $WORK_RECORDS)" = "$told" ] && [ ! -e /run/work.ended ]; do usleep 20000; done
}

# work_save_each: saves the disk once for each number of option_snapshots, the KiB that a snapshot may keep, until one fails. Each time the
# program has to go on.
work_save_each() {
  local kib
  work_goes_on
  for kib in $(echo "$option_snapshots" | tr , ' '); do
    work_save "$kib"
    screen_stage work 'Working'
    work_goes_on
    [ ! -e $WORK_FAILED ] || break
  done
}

# work_save KIB: saves the disk. It is a process of its own, which a failure ends, and not the work.
work_save() {
  (
    fail() {
      event agent.backup-failed stage="$1" error="$2"
      printf '%s\n' "$1" "$2" >$WORK_FAILED
      exit 1
    }
    trap work_saved EXIT
    work_snapshot= backup_kind=hot
    backup_name
    backup_find
    event agent.snapshot state=begun id="$backup_id"
    snapshot_take "$1" || fail backup "a snapshot of $snapshot_of: $snapshot_error"
    work_snapshot=1
    event agent.snapshot state=taken id="$backup_id" partition="$snapshot_of" bytes:="$snapshot_bytes" heldMs:="$snapshot_held_ms"
    backup_save
    backup_told
  )
}

# work_saved: ends the snapshot, whatever came of the backup.
work_saved() {
  local valid=false used=
  snapshot_is_valid && valid=true
  used=$(snapshot_used)
  snapshot_remove
  [ -z "$work_snapshot" ] || event agent.snapshot state=removed id="$backup_id" usedBytes:="$used" valid:=$valid
}

work_end() {
  : >/run/work.enough
  wait $work_writer || fail work "writing to $WORK_FOLDER: $(cat /run/work.error)"
}

work_finish() {
  local stage error
  screen_stage finish 'Enough'
  [ -n "$option_snapshots" ] || kill "$(cat /run/qemu-ga/pid)"
  umount "$TARGET" || fail finish "unmounting $disk_partition"
  [ -z "$option_snapshots" ] || dmsetup remove --retry origin || fail finish "removing $disk_partition"
  [ ! -e $WORK_FAILED ] || { read -r stage; read -r error; fail "$stage" "$error"; } <$WORK_FAILED
  event agent.result ok:=true
  computer_stop poweroff
}
