# Events for the harness: one JSON object per line on the second serial port.

# Of a PC, or of QEMU's virt, whose serial ports are Arm's own.
EVENT_PORT=/dev/ttyS1

events_open() {
  [ ! -c /dev/ttyAMA1 ] || EVENT_PORT=/dev/ttyAMA1
  if stty -F "$EVENT_PORT" raw -echo 2>/dev/null; then exec 4<>"$EVENT_PORT"; else exec 4<>/dev/null; fi
}

# uptime_now: sets `uptime_ms` to the milliseconds since the start, in steps of ten.
uptime_now() {
  local line
  read -r line _ </proc/uptime
  uptime_ms=${line%.*}${line#*.}0
  while case $uptime_ms in 0?*) true ;; *) false ;; esac do uptime_ms=${uptime_ms#0}; done
}

# event NAME [key=text | key:=raw JSON]…
event() {
  local name=$1 line pair key value
  shift
  uptime_now
  line="{\"event\":\"$name\",\"uptimeMs\":$uptime_ms"
  for pair; do
    key=${pair%%=*} value=${pair#*=}
    case $key in
      *:) line="$line,\"${key%:}\":$value" ;;
      *) json_string "$value"; line="$line,\"$key\":$json" ;;
    esac
  done
  printf '%s}\n' "$line" >&4
}

# json_string TEXT: sets `json` to TEXT as a JSON string. TEXT has no control characters except tab and newline: texts are
# options, names from XML 1.0 (which excludes them) and messages of programs.
json_string() {
  json=${1//\\/\\\\}
  json=${json//\"/\\\"}
  json=${json//	/\\t}
  json=${json//
/\\n}
  json="\"$json\""
}
