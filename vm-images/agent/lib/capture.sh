# The capture, stage by stage: the system on the disk is generalised, written to the share as an image, and published there.

CAPTURE_STEPS='network:Start the network
logon:Log on
find:Find the system
generalise:Generalise it
capture:Capture it
publish:Publish the image
finish:Switch off'

capture_run() {
  install_network
  install_logon
  capture_find
  capture_generalise
  capture_write
  capture_publish
  capture_finish
}

# The first partition of the disk that has a system: an ext4 file system with /sbin/init.
capture_find() {
  local path error=
  screen_stage find 'Looking for the system'
  wait_until 10 disk_find || fail find 'no disk found; does the computer have one, and this boot image its driver?'
  set +f
  for path in "/sys/block/${disk#/dev/}/${disk#/dev/}"*; do
    set -f
    disk_partition=/dev/${path##*/}
    [ -b "$disk_partition" ] && error=$(disk_mount) || continue
    if [ -x "$TARGET/sbin/init" ]; then
      event agent.system-found partition="$disk_partition"
      return
    fi
    umount "$TARGET"
  done
  set -f
  fail find "no system on $disk: no ext4 partition with /sbin/init${error:+ ($error)}"
}

# generalise_empty PATH TEXT: a file of one computer gets the text that makes the next start write its own. No file, no change.
generalise_empty() {
  [ -e "$TARGET$1" ] || return 0
  printf '%s\n' "$2" >"$TARGET$1"
  generalised "$1"
}

# generalise_remove PATTERN: what belongs to one computer or one boot is gone.
generalise_remove() {
  local path
  set +f
  for path in "$TARGET"$1; do
    set -f
    [ -e "$path" ] || continue
    rm -rf "$path" && generalised "${path#"$TARGET"}"
  done
  set -f
}

generalised() {
  json_string "$1"
  generalised_list="$generalised_list${generalised_list:+,}$json"
}

# What sysprep does for Windows. `uninitialized` is machine-id(5)'s word for: the next start is a first one.
capture_generalise() {
  screen_stage generalise 'Taking the computer out of the system'
  generalised_list=
  generalise_empty /etc/machine-id uninitialized
  generalise_empty /etc/hostname installed
  generalise_remove '/etc/ssh/ssh_host_*'
  generalise_remove /etc/krb5.keytab
  generalise_remove '/var/lib/dhcp/*'
  generalise_remove '/etc/udev/rules.d/70-persistent-net.rules'
  generalise_remove '/var/log/*'
  event agent.generalised paths:="[$generalised_list]"
}

# The image grows on the share itself, under a name that no list of images shows: it may be larger than this computer's memory.
capture_write() {
  local line percent error last=-1
  screen_stage capture "Capturing $disk_partition"
  share_path "$option_image"
  capture_file=$path
  capture_partial=$path.partial
  [ ! -e "$capture_file" ] || fail capture "$option_image is on the share already; capture under another name, or remove it"
  # Made here first: a share that does not let us write says so before anything is read.
  error=$( { : >"$capture_partial"; } 2>&1) || fail capture "writing to \\\\$option_server\\$option_share as $option_domain\\$option_user: ${error##*: }"
  {
    wimlib-imagex capture "$TARGET" "$capture_partial" "Captured Linux" "Captured from $network_mac" \
      --config=/agent/capture.ini --compress=none --check --unix-data --threads=1 2>/run/capture.log
    echo $? >/run/capture.status
  } | tr '\r' '\n' | while read -r line; do
    case $line in
      'Archiving file data'*'('*%')'*)
        percent=${line##*(}
        percent=${percent%%%*}
        [ $((percent / 10)) = $last ] && continue
        last=$((percent / 10))
        event agent.capture percent:="$percent"
        screen_progress "$percent" captured
        ;;
    esac
  done
  [ "$(cat /run/capture.status)" = 0 ] || capture_failed capture "$(tr '\r' '\n' </run/capture.log | sed -n 's/^\[ERROR\] *//p' | tr '\n' ' ')"
}

# capture_failed STAGE WHY: takes the half image away first, so that it takes up no room and nobody mistakes it for a whole one.
capture_failed() {
  local left=
  rm -f "$capture_partial" 2>/dev/null || left='; the half image could not be removed'
  fail "$1" "writing $option_image to \\\\$option_server\\$option_share: $2$left"
}

# All of it is on the server before it gets its name: what has the name is whole.
capture_publish() {
  local error
  screen_stage publish 'Publishing the image'
  error=$(sync "$capture_partial" 2>&1) || capture_failed publish "$error"
  error=$(mv "$capture_partial" "$capture_file" 2>&1) || capture_failed publish "$error"
  event agent.captured path="$option_image" bytes:="$(stat -c %s "$capture_file")"
}

capture_finish() {
  screen_stage finish 'The image is on the share'
  umount "$TARGET" || fail finish "unmounting $disk_partition"
  share_logoff || fail finish 'logging off from the share'
  event agent.result ok:=true
  computer_stop poweroff
}
