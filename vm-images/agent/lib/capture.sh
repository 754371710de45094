# The capture, stage by stage: generalises the system on the disk, writes it to the share as an image, and publishes it there.

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

# Finds the first partition with a system: an ext4 file system with /sbin/init.
capture_find() {
  local path error=
  screen_stage find 'Looking for the system'
  wait_until 10 disk_find || fail find 'no disk found within 10 s; see whether the computer has one and this boot image has its driver'
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

# generalise_empty PATH TEXT: replaces the content of a file, if it exists, with a text that makes the next start write its own.
generalise_empty() {
  [ -e "$TARGET$1" ] || return 0
  printf '%s\n' "$2" >"$TARGET$1"
  generalised "$1"
}

# generalise_remove PATTERN: removes files that belong to one computer or one boot.
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

# Does the work of sysprep in Windows. `uninitialized` makes the next start a first boot (machine-id(5)).
capture_generalise() {
  screen_stage generalise 'Removing what identifies the computer'
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

# Writes the image straight to the share, since it may be larger than this computer's memory, under a name that no list of images
# shows.
capture_write() {
  local line percent error last=-1
  screen_stage capture "Capturing $disk_partition"
  share_path "$option_image"
  capture_file=$path
  capture_partial=$path.partial
  [ ! -e "$capture_file" ] || fail capture "$option_image is on the share already; capture under another name, or remove it"
  # Created first, so that a share that is not writable refuses before anything is read.
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

# capture_failed STAGE WHY: first removes the incomplete image, so that it takes no space and nobody mistakes it for a complete
# one.
capture_failed() {
  local left=
  rm -f "$capture_partial" 2>/dev/null || left='; the incomplete image could not be removed'
  fail "$1" "writing $option_image to \\\\$option_server\\$option_share: $2$left"
}

# The image is on the server before it gets its name, so an image with that name is complete.
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
