# The installation, stage by stage.

# fail STAGE MESSAGE: shows it, reports it, gives the harness a moment to look at the screen (a line on the event port ends it), stops.
fail() {
  screen_failed "$1" "$2"
  event agent.result ok:=false stage="$1" error="$2"
  read -r -t 3 _ <&4
  umount "$TARGET" 2>/dev/null
  share_logoff 2>/dev/null
  machine_stop poweroff
  # The kernel stops the machine; until then nothing more may happen.
  while :; do usleep 1000000; done
}

install_run() {
  install_network
  install_logon
  install_choose
  install_partition
  install_apply
  install_join
  install_bootable
  install_finish
}

install_network() {
  screen_stage network 'Starting the network'
  hardware_add_packages
  hardware_drivers
  network_find || fail network "no driver in this boot image for the network card (PCI $(network_cards))${driver_error:+; $driver_error}"
  event agent.drivers interface="$network_interface" driver="$network_driver" packages="$driver_packages"
  # While the card negotiates its link, load what comes next.
  modprobe -aq cifs nls_utf8 sd_mod ext4
  wait_until 15 network_has_link || fail network "no link on $network_interface ($network_driver) within 15 s; is the cable connected?"
  event agent.link interface="$network_interface"
  network_lease || fail network "no DHCP lease on $network_interface ($network_driver, $network_mac): 5 DISCOVERs, no answer"
  event agent.network interface="$network_interface" driver="$network_driver" ip="$network_ip" mac="$network_mac"
}

install_logon() {
  directory_open
  screen_stage logon "Logging on to \\\\$option_server\\$option_share"
  if share_logon; then
    event agent.logon ok:=true
  else
    event agent.logon ok:=false error="$share_error"
    fail logon "\\\\$option_server\\$option_share as $option_domain\\$option_user: $share_error"
  fi
}

install_choose() {
  screen_stage choose 'Reading the list of images'
  images_list
  images_event
  if [ "$option_unattended" = 1 ] && [ -n "$option_image" ]; then
    image_by_path "$option_image" || fail choose "$option_image: $(image_open_error "$option_image")"
  else
    [ -s "$IMAGE_LIST" ] || fail choose "no images below Images on \\\\$option_server\\$option_share"
    screen_menu
  fi
  event agent.image-chosen path="$image_path" index:="$image_index" name="$image_name"
}

install_partition() {
  local error
  screen_stage partition 'Preparing the disk'
  wait_until 10 disk_find || fail partition 'no disk found; does the machine have one, and this boot image its driver?'
  # A tenth for the file system, 16 MiB for its journal and the boot loader.
  [ "$disk_bytes" -gt $((image_bytes + image_bytes / 10 + 16777216)) ] ||
    fail partition "disk $disk too small: $((disk_bytes >> 20)) MiB, the image needs $((image_bytes * 11 / 10 / 1048576 + 16)) MiB"
  disk_partition_make || fail partition "partitioning $disk: $(tail -n 1 /run/fdisk.log)"
  error=$(disk_format) || fail partition "formatting $disk_partition: $error"
  error=$(disk_mount) || fail partition "$error"
  event agent.partitioned disk="$disk" bytes:="$disk_bytes"
}

install_apply() {
  local line percent last=-1
  screen_stage apply "Applying $image_name"
  share_path "$image_path"
  {
    wimlib-imagex apply "$path" "$image_index" "$TARGET" --unix-data 2>/run/apply.log
    echo $? >/run/apply.status
  } | tr '\r' '\n' | while read -r line; do
    case $line in
      *'('*%')'*)
        percent=${line##*(}
        percent=${percent%%%*}
        # Every tenth is enough for who watches; each line costs a write on the serial port.
        [ $((percent / 10)) = $last ] && continue
        last=$((percent / 10))
        event agent.apply percent:="$percent"
        screen_progress "$percent"
        ;;
    esac
  done
  [ "$(cat /run/apply.status)" = 0 ] || fail apply "applying $image_path: $(tail -n 1 /run/apply.log)"
}

install_join() {
  [ -n "$option_join" ] || return 0
  screen_stage join "Joining $option_realm"
  directory_join "$option_join" || fail join "joining $option_realm as $option_join: $directory_error"
  event agent.joined computer="$option_join" realm="$option_realm"
}

install_bootable() {
  local error
  screen_stage bootable 'Making the disk bootable'
  error=$(disk_make_bootable) || fail bootable "$error"
  error=$(disk_verify) || fail bootable "$error"
  event agent.bootable
}

install_finish() {
  screen_stage restart 'Restarting'
  umount "$TARGET" || fail restart "unmounting $disk_partition"
  share_logoff || fail restart 'logging off from the share'
  event agent.result ok:=true
  event agent.restarting
  machine_stop reboot
}
