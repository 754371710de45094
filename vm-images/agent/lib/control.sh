# The WDS control channel: one connection for the whole installation. wdsctl holds it and writes the replies as files to CONTROL.

CONTROL=/run/control
control_error= control_transaction= control_level=0 control_is_open= control_program=
client_guid= client_mac= offered_drivers=

# control_open: connects and initialises the server's log for this client; on failure sets control_error.
control_open() {
  local port=
  mkdir -p "$CONTROL"
  mkfifo /run/control-commands /run/control-answers
  wdsctl "$CONTROL" </run/control-commands >/run/control-answers &
  control_program=$!
  # Read and write: opening does not wait for wdsctl, and writing to one that has ended does not kill the first process.
  exec 6<>/run/control-commands 7</run/control-answers
  case $option_control in *:*) port=${option_control##*:} ;; esac
  control_do connect "${option_control%:*}" $port || return 1
  client_identify
  control_call LOG_INIT || return 1
  control_is_open=1
  control_variable TRANSACTION_ID; control_transaction=$value
  control_variable LOGLEVEL; control_level=${value:-0}
}

# client_identify: sets what identifies this computer to the server: its UUID's 32 digits, and its MAC address padded to as many,
# which replaces the UUID of a computer without one (MS-WDSOSD section 2.2.3).
client_identify() {
  local uuid=
  { read -r uuid </sys/class/dmi/id/product_uuid; } 2>/dev/null
  client_mac=00000000000000000000$(upper "${network_mac//:/}")
  case $uuid in
    '' | 00000000-0000-0000-0000-000000000000) client_guid=$client_mac ;;
    *) client_guid=$(upper "${uuid//-/}") ;;
  esac
}

# control_do WORD…: runs one command of wdsctl.
control_do() {
  local word line= answer
  for word; do
    word=${word//%/%25}
    word=${word// /%20}
    word=${word//
/%0A}
    line="$line${line:+ }$word"
  done
  printf '%s\n' "$line" >&6
  read -r answer <&7 || answer='error wdsctl has ended'
  control_error=${answer#error }
  case $answer in ok*) true ;; *) false ;; esac
}

# control_call OPERATION [NAME:TYPE=VALUE]…
control_call() {
  local operation=$1
  shift
  if control_do call "$operation" VERSION:u32=1 "$@"; then
    event agent.control operation="$operation" ok:=true
  else
    event agent.control operation="$operation" ok:=false error="$control_error"
    return 1
  fi
}

# control_variable NAME: sets `value` to the first line of a variable of the last reply, or to the empty string.
control_variable() {
  value=
  [ -f "$CONTROL/$1" ] && read -r value <"$CONTROL/$1"
}

# control_log TYPE [NAME:TYPE=VALUE]…: sends a message for the server's log, if its log level admits it (MS-WDSOSD LOGLEVEL: 0
# none, 1 errors, 2 warnings, 3 all). Message types: 1 error, 2 started, 3 finished, 4 image selected, 5 and 6 apply started and
# finished, 8 unattended, 0x13 and 0x14 adding of drivers started and finished; some have variables of their own (MS-WDSOSD
# section 2.2.2). A failure to log does not stop the installation.
control_log() {
  local type=$1 least=3
  [ -n "$control_is_open" ] || return 0
  shift
  [ "$type" = 1 ] && least=1
  [ "$control_level" -ge $least ] || return 0
  control_call LOG_MSG MESSAGE_TYPE:u32="$type" TRANSACTION_ID:text="$control_transaction" CLIENT_ADDRESS:text="$network_ip" \
    CLIENT_UUID:text="$client_guid" CLIENT_MAC:text="$client_mac" ARCHITECTURE:u32=9 "$@"
  true
}

# control_answer_file: asks for this computer's answer file; sets answer_flags, and answer_file when there is one.
# Architecture 9 is x64 in Windows' numbers; firmware 0 is a BIOS, 1 UEFI.
control_answer_file() {
  local firmware=0
  [ -d /sys/firmware/efi ] && firmware=1
  control_call GET_CLIENT_UNATTEND ARCHITECTURE:u32=9 CLIENT_GUID:text="$client_guid" CLIENT_MAC:text="$client_mac" FIRMWARE:u8=$firmware || return 1
  control_variable FLAGS; answer_flags=${value:-0}
  [ $((answer_flags & 1)) = 1 ] && [ -s "$CONTROL/CLIENT_UNATTEND" ] || return 0
  answer_file=/run/answer.xml
  cp "$CONTROL/CLIENT_UNATTEND" "$answer_file"
}

# control_computer_name: sets `value` to the name that %MACHINENAME% in the answer file stands for.
control_computer_name() {
  control_call GET_UNATTEND_VARIABLES CLIENT_GUID:text="$client_guid" CLIENT_MAC:text="$client_mac" || return 1
  control_variable MACHINENAME
  [ -n "$value" ] || { control_error='the server has no name for this computer'; return 1; }
}

# control_drivers: asks for the driver packages of this computer's PCI devices; sets offered_drivers to their names. Variables are
# named as in MS-WDSOSD section 2.2.7: device lists (D) of hardware ids (H).
control_drivers() {
  local path vendor device number=0
  set --
  set +f
  for path in /sys/bus/pci/devices/*; do
    read -r vendor <"$path/vendor"
    read -r device <"$path/device"
    set -- "$@" "Mi.D.VL[$number].H.Cnt:u32=1" "Mi.D.VL[$number].H.VL[0]:text=PCI\\VEN_$(upper "${vendor#0x}")&DEV_$(upper "${device#0x}")"
    number=$((number + 1))
  done
  set -f
  control_call GET_MACHINE_DRIVER_PACKAGES "Mi.D.Cnt:u32=$number" "$@" || return 1
  control_variable DpC
  number=${value:-0} offered_drivers=
  while [ "$number" -gt 0 ]; do
    number=$((number - 1))
    control_variable "Dp.NM[$number]"
    offered_drivers="$value${offered_drivers:+ }$offered_drivers"
  done
}

upper() {
  printf %s "$1" | tr a-z A-Z
}

# control_authenticate: uses the credentials for the share in all calls from now on. The first call shows whether the server
# accepts them.
control_authenticate() {
  control_do authenticate "$option_domain" "$option_user" "$option_password" && control_call IMG_ENUMERATE CC:u32=1
}

# control_finish: ends the deployment: asks how to join the domain, and resets the boot program of this computer.
control_finish() {
  control_call GET_DOMAIN_JOIN_INFORMATION CLIENT_GUID:text="$client_guid" CLIENT_MAC:text="$client_mac" || return 1
  control_variable FLAGS
  event agent.domain-join flags:="${value:-0}"
  control_call RESET_BOOT_PROGRAM CLIENT_GUID:text="$client_guid" CLIENT_MAC:text="$client_mac" || return 1
  control_log 3
}

# control_close: closes the connection.
control_close() {
  exec 6>&- 7<&-
  wait "$control_program"
  control_is_open=
}
