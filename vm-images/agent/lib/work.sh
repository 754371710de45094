# A computer at work: a program writes numbered records to the disk until somebody says that it is enough, and QEMU's guest agent
# holds the disk still when it is asked to.

WORK_STEPS='network:Start the network
find:Find the system
work:Work
finish:Switch off'

# Each record is a line of the log, written out before its number is written to the index: what a database does.
WORK_FOLDER=$TARGET/var/lib/work
# The harness is told of every tenth record.
WORK_TOLD=10

work_run() {
  install_network
  capture_find
  work_agent
  work_until_told
  work_finish
}

# work_agent: starts QEMU's guest agent on the port that it has in this VM. Without udev, ports have no names.
work_agent() {
  local port= name
  screen_stage work 'Working'
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

work_until_told() {
  local line writer
  mkdir -p "$WORK_FOLDER"
  work_write &
  writer=$!
  # A line from the harness on the port of the events.
  read -r line <&4
  : >/run/work.enough
  wait $writer || fail work "writing to $WORK_FOLDER: $(cat /run/work.error)"
}

# A record goes out by one write(2), being shorter than 4096 bytes: a freeze holds it up before or after it, never within.
work_write() {
  local number=0 text sum
  cd "$WORK_FOLDER" || return 1
  while [ ! -e /run/work.enough ]; do
    number=$((number + 1))
    text="$number $(head -c 2700 /dev/urandom | base64 -w 0)"
    sum=$(printf %s "$text" | md5sum)
    {
      printf '%s %s\n' "${sum%% *}" "$text" >>log && sync log &&
        printf '%s\n' $number >>index && sync index
    } 2>/run/work.error || return 1
    [ $((number % WORK_TOLD)) != 0 ] || event agent.work records:=$number
  done
  event agent.work records:=$number
}

work_finish() {
  screen_stage finish 'Enough'
  kill "$(cat /run/qemu-ga/pid)"
  umount "$TARGET" || fail finish "unmounting $disk_partition"
  event agent.result ok:=true
  computer_stop poweroff
}
