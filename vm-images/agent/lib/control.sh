# The WDS control channel: one connection for the whole installation, held by wdsctl, whose replies lie as files in CONTROL.

CONTROL=/run/control
control_error= control_transaction= control_level=0 control_is_open= control_program=
client_guid= client_mac= offered_drivers=

# control_open: connects, and opens the server's log of this client; on failure sets control_error.
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

# client_identify: who this computer is to the server: its UUID's 32 digits, and its MAC address filled up to as many, which
# stand for the UUID of a computer that has none (MS-WDSOSD section 2.2.3).
client_identify() {
  local uuid=
  { read -r uuid </sys/class/dmi/id/product_uuid; } 2>/dev/null
  client_mac=00000000000000000000$(upper "${network_mac//:/}")
  case $uuid in
    '' | 00000000-0000-0000-0000-000000000000) client_guid=$client_mac ;;
    *) client_guid=$(upper "${uuid//-/}") ;;
  esac
}

# control_do WORD…: one command of wdsctl's.
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

# control_variable NAME: sets `value` to the first line of a variable of the last reply, or to nothing.
control_variable() {
  value=
  [ -f "$CONTROL/$1" ] && read -r value <"$CONTROL/$1"
}

# control_log TYPE [NAME:TYPE=VALUE]…: a message for the server's log, when it wants such messages (MS-WDSOSD LOGLEVEL: 0 none,
# 1 errors, 2 warnings, 3 all). Message types: 1 error, 2 started, 3 finished, 4 image selected, 5 and 6 apply started and
# finished, 8 unattended, 0x13 and 0x14 adding of drivers started and finished; some have variables of their own (MS-WDSOSD
# section 2.2.2). A log that cannot be written is no reason to stop.
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

# control_computer_name: what %MACHINENAME% in the answer file stands for; sets `value`.
control_computer_name() {
  control_call GET_UNATTEND_VARIABLES CLIENT_GUID:text="$client_guid" CLIENT_MAC:text="$client_mac" || return 1
  control_variable MACHINENAME
  [ -n "$value" ] || { control_error='it knows no name for this computer'; return 1; }
}

# control_drivers: asks for the driver packages of this computer's PCI devices; sets offered_drivers, their names. The names
# of variables are those of MS-WDSOSD section 2.2.7: device lists (D) of hardware ids (H).
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

# control_authenticate: the credentials of the share for everything that is asked from now on. Whether the server takes
# them shows with the first question.
control_authenticate() {
  control_do authenticate "$option_domain" "$option_user" "$option_password" && control_call IMG_ENUMERATE CC:u32=1
}

# control_finish: the end of the deployment: how to join the domain, and the network boot of this computer is over.
control_finish() {
  control_call GET_DOMAIN_JOIN_INFORMATION CLIENT_GUID:text="$client_guid" CLIENT_MAC:text="$client_mac" || return 1
  control_variable FLAGS
  event agent.domain-join flags:="${value:-0}"
  control_call RESET_BOOT_PROGRAM CLIENT_GUID:text="$client_guid" CLIENT_MAC:text="$client_mac" || return 1
  control_log 3
}

# control_close: ends the connection in order.
control_close() {
  exec 6>&- 7<&-
  wait "$control_program"
  control_is_open=
}
