# The installation, stage by stage.

# fail STAGE MESSAGE: shows and reports the message, gives the harness time for a screenshot (a line on the event port ends the
# wait), and stops the computer.
fail() {
  screen_failed "$1" "$2"
  control_log 1 MESSAGE:text="$2"
  event agent.result ok:=false stage="$1" error="$2"
  read -r -t 3 _ <&4
  umount "$TARGET" 2>/dev/null
  share_logoff 2>/dev/null
  computer_stop poweroff
  # Nothing more may happen until the kernel stops the computer.
  while :; do usleep 1000000; done
}

install_run() {
  install_network
  install_control
  install_logon
  install_choose
  install_partition
  install_receive
  install_apply
  install_additions
  install_join
  install_bootable
  install_finish
}

install_network() {
  hardware_add_packages
  screen_stage network 'Starting the network'
  hardware_drivers
  network_find || fail network "no driver in this boot image for the network card (PCI $(network_cards))${driver_error:+; $driver_error}"
  event agent.drivers interface="$network_interface" driver="$network_driver" packages="$driver_packages"
  # Loads the next drivers while the card negotiates its link.
  modprobe -aq cifs nls_utf8 sd_mod ext4
  wait_until 15 network_has_link || fail network "no link on $network_interface ($network_driver) within 15 s; see whether the cable is connected"
  event agent.link interface="$network_interface"
  network_lease || fail network "no DHCP lease on $network_interface ($network_driver, $network_mac): 5 DISCOVERs, no answer"
  event agent.network interface="$network_interface" driver="$network_driver" ip="$network_ip" mac="$network_mac"
}

install_control() {
  local computer
  [ -n "$option_control" ] || return 0
  screen_stage control 'Asking the deployment server'
  control_open || fail control "deployment server $option_control: $control_error"
  control_log 2 VER_CLIENT_AUTO:text=pxewright VER_OS_AUTO:text="Linux $(uname -r)"
  control_answer_file || fail control "asking for this computer's answer file: $control_error"
  [ -n "$answer_file" ] || return 0
  answer_file_read || fail control "this computer's answer file: $answer_error"
  answer computer-name; computer=$value
  event agent.answer-file flags:="$answer_flags" computer="$computer" packages:="$(answers package | wc -l)"
  control_log 8 UNATTEND_MODE:u32=1
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
  [ -z "$option_control" ] || control_authenticate || fail logon "deployment server $option_control as $option_domain\\$option_user: $control_error"
}

install_choose() {
  screen_stage choose 'Reading the list of images'
  images_list
  images_event
  if [ "$option_unattended" = 1 ] && [ -n "$option_image" ]; then
    image_by_path "$option_image" ||
      fail choose "$option_image${option_imageindex:+, image $option_imageindex}${option_imagename:+, image “$option_imagename”}: $(image_open_error "$option_image")"
  else
    [ -s "$IMAGE_LIST" ] || fail choose "there are no images below Images on \\\\$option_server\\$option_share"
    screen_menu
  fi
  image_runs_here || fail choose "$image_path is for another processor (Windows' architecture code $image_architecture); this computer is $(uname -m)"
  event agent.image-chosen path="$image_path" index:="$image_index" name="$image_name"
  control_log 4 IMAGE_NAME:text="$image_name" IMAGE_GROUP:text="$(image_group)"
}

install_partition() {
  local error needed
  screen_stage partition 'Preparing the disk'
  wait_until 10 disk_find || fail partition 'no disk found within 10 s; see whether the computer has one and this boot image has its driver'
  boot_loader_check && disk_layout || fail partition "$disk_error"
  # A tenth more for the file system, and 16 MiB for its journal and the boot loader; the image's file where it is received.
  needed=$((image_bytes + image_bytes / 10 + 16777216))
  if [ -n "$option_multicast" ]; then
    share_path "$image_path"
    needed=$((needed + $(stat -c %s "$path")))
  fi
  [ "$system_bytes" -gt $needed ] ||
    fail partition "disk $disk is too small: it has $((system_bytes >> 20)) MiB for the system, the image needs $((needed / 1048576)) MiB"
  disk_partition_make || fail partition "partitioning $disk: $(tail -n 1 /run/partitioning.log)"
  error=$(disk_format) || fail partition "formatting $disk_partition: $error"
  error=$(disk_mount) || fail partition "$error"
  event agent.partitioned disk="$disk" bytes:="$disk_bytes" partitions:="$(wc -l <"$PARTITIONS")" system="$disk_partition"
}

# The share's file is only looked at: its size is what must come. wimlib reads all that came and compares its SHA-1 sums.
install_receive() {
  local error
  [ -n "$option_multicast" ] || return 0
  screen_stage receive "Receiving $image_name"
  share_path "$image_path"
  receive_image "$(stat -c %s "$path")" || fail receive "receiving $image_path by multicast: $receive_error"
  [ "$image_shared" = - ] || set -- "--ref=${path%/*}/$image_shared"
  error=$(wimlib-imagex verify "$RECEIVED" "$@" 2>&1 >/dev/null) || fail receive "$image_path came damaged: $(printf '%s\n' "$error" | grep . | tail -n 1)"
  event agent.received path="$image_path" bytes:="$(stat -c %s "$RECEIVED")"
}

# --norpfix: without it wimlib makes absolute links that point into the image point to where it is applied, here /target.
install_apply() {
  local line percent last=-1
  screen_stage apply "Applying $image_name"
  control_log 5
  share_path "$image_path"
  [ "$image_shared" = - ] || set -- "--ref=${path%/*}/$image_shared"
  [ -z "$option_multicast" ] || path=$RECEIVED
  {
    wimlib-imagex apply "$path" "$image_index" "$TARGET" --unix-data --norpfix "$@" 2>/run/apply.log
    echo $? >/run/apply.status
  } | tr '\r' '\n' | while read -r line; do
    case $line in
      *'('*%')'*)
        percent=${line##*(}
        percent=${percent%%%*}
        # Every tenth is enough for a viewer; each line costs a write to the serial port.
        [ $((percent / 10)) = $last ] && continue
        last=$((percent / 10))
        event agent.apply percent:="$percent"
        screen_progress "$percent"
        ;;
    esac
  done
  [ "$(cat /run/apply.status)" = 0 ] || fail apply "applying $image_path: $(tail -n 1 /run/apply.log)"
  [ -z "$option_multicast" ] || rm -f "$RECEIVED"
  control_log 6
}

# Adds to the image: the drivers that the server has for this hardware, and what the answer file asks for.
install_additions() {
  [ -n "$option_control" ] || return 0
  screen_stage additions 'Adding drivers, packages and settings'
  additions_drivers
  [ -z "$answer_file" ] || additions_answers
  event agent.screen name=added
}

additions_drivers() {
  local driver
  control_drivers || fail additions "asking for drivers: $control_error"
  event agent.drivers-offered packages="$offered_drivers"
  [ -n "$offered_drivers" ] || return 0
  control_log 0x13
  for driver in $offered_drivers; do
    card_text "Drivers  $driver"
    target_driver "$driver" || fail additions "copying the driver package $driver"
  done
  control_log 0x14
}

additions_answers() {
  local package
  answer computer-name
  [ "$value" != %MACHINENAME% ] || control_computer_name || fail additions "the name of this computer: $control_error"
  if [ -n "$value" ]; then
    card_text "Computer  $value"
    target_name "$value" || fail additions 'writing the name of this computer'
  fi
  answers package >/run/packages
  while read -r package; do
    card_text "Package  ${package##*\\}"
    share_path "$package"
    package_apply "$path" || fail additions "package $package: $package_error"
    event agent.package name="$package_name" version="$package_version"
  done </run/packages
  target_commands || fail additions "$command_error"
  target_first_start || fail additions 'writing the commands of the first start'
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
  error=$(boot_loader_install) || fail bootable "$error"
  error=$(boot_loader_verify) || fail bootable "$error"
  event agent.bootable
}

install_finish() {
  screen_stage restart 'Restarting'
  if [ -n "$option_control" ]; then
    control_finish || fail restart "telling the deployment server that it is done: $control_error"
    control_close
  fi
  umount "$TARGET" || fail restart "unmounting $disk_partition"
  share_logoff || fail restart 'logging off from the share'
  event agent.result ok:=true
  event agent.restarting
  computer_stop reboot
}
