# The recovery of files, stage by stage: waits until they are on the share, where `pxewright backups extract --to-share` puts them, and
# copies them into the system on the disk, to the paths that they had (decision 205).

RECOVER_STEPS='network:Start the network
logon:Log on
find:Find the system
wait:Wait for the files
recover:Copy them to the disk
finish:Switch off'
# Seconds within which somebody has to put them on the share.
RECOVER_WAIT_SECONDS=300
# What a backup has on the share, and what of that is wanted, by its path on the disk: lists in the form of sha256sum.
RECOVER_ALL=/run/recover-all RECOVER_LIST=/run/recover-list
# No more files are named one by one.
RECOVER_TOLD=32
recover_id= recover_folder= recover_error=

recover_run() {
  install_network
  install_logon
  capture_find
  recover_wait
  recover_copy
  recover_verify
  recover_finish
}

recover_wait() {
  local word= end
  screen_stage wait 'Waiting for the files'
  recover_paths
  event agent.waits client="$option_backupof" backup="$option_backup" paths:="[$recover_told]"
  uptime_now; end=$((uptime_ms + RECOVER_WAIT_SECONDS * 1000))
  until recover_look; do
    uptime_now
    [ $uptime_ms -lt $end ] ||
      fail wait "nobody has put all of $(printf '%s\n' "$option_paths" | paste -s -d ' ' -) below Recovered\\$option_backupof on \\\\$option_server\\$option_share within $RECOVER_WAIT_SECONDS s; run pxewright backups extract --to-share"
    # A line on the port of the events says why nothing will come.
    ! IFS= read -r -t 1 word <&4 || [ -z "$word" ] || fail wait "the files do not come: $word"
    # Without such a port there is nothing to read, and no wait.
    usleep 300000
  done
}

# recover_paths: sets recover_told to the wanted paths as JSON strings.
recover_paths() {
  local path
  recover_told=
  while IFS= read -r path; do
    json_string "$path"
    recover_told="$recover_told${recover_told:+,}$json"
  done <<EOF_PATHS
$option_paths
EOF_PATHS
}

# recover_look: finds the newest backup on the share that has all that is wanted; sets recover_id, and recover_folder to where its files
# are. It goes by the names that the server lists: to ask for what is not there yet would be refused each time.
recover_look() {
  local client=$SHARE/Recovered/$option_backupof id list
  recover_lists "$SHARE" Recovered && recover_lists "$SHARE/Recovered" "$option_backupof" || return 1
  for id in $(ls -1 "$client" | grep -E '^[0-9]{8}T[0-9]{6}Z$' | sort -r); do
    [ "$option_backup" = latest ] || [ "$id" = "$option_backup" ] || continue
    for list in $(ls -1 "$client/$id" | grep -E '^partition-[0-9]+\.sha256$'); do
      recover_id=$id recover_folder=$client/$id/${list%.sha256}
      cp "$client/$id/$list" $RECOVER_ALL 2>/dev/null && recover_choose "${list%.sha256}/" && return
    done
  done
  return 1
}

# recover_lists FOLDER NAME
recover_lists() {
  ls -1 "$1" 2>/dev/null | grep -Fqx -- "$2"
}

# recover_choose PREFIX: writes what is wanted to RECOVER_LIST; false when there is nothing of a path. The list is complete as soon as it
# is there, but this computer may read one that took the place of a shorter one no further than that went: its last line has the number.
recover_choose() {
  printf '%s\n' "$option_paths" | awk -v prefix="$1" '
    NR == FNR { sub(/\/+$/, ""); wanted[++count] = $0; next }
    {
      whole = /^# files: [0-9]+$/ && $3 == listed
      if (/^#/) next
      listed++
      name = substr($0, 67)
      if (index(name, prefix) != 1) next
      name = substr(name, length(prefix))
      taken = 0
      for (one = 1; one <= count; one++) if (name == wanted[one] || index(name, wanted[one] "/") == 1) taken = found[one] = 1
      if (taken) print substr($0, 1, 66) substr(name, 2)
    }
    END { if (!whole) exit 1; for (one = 1; one <= count; one++) if (!found[one]) exit 1 }' - $RECOVER_ALL >$RECOVER_LIST
}

recover_copy() {
  local line
  screen_stage recover "Copying to $disk_partition"
  recover_files=0 recover_bytes=0 recover_told=
  while IFS= read -r line; do
    recover_one "${line#*  }" || fail recover "/${line#*  }: $recover_error"
    recover_files=$((recover_files + 1))
    [ $recover_files -le $RECOVER_TOLD ] || continue
    json_string "/${line#*  }"
    recover_told="$recover_told${recover_told:+,}{\"path\":$json,\"sha256\":\"${line%% *}\"}"
  done <$RECOVER_LIST
}

# recover_one PATH: copies a file to a name of its own, which then becomes its name: whatever happens, there is the old file or the new
# one. The share knows neither owners nor permissions: these are those of the file that is replaced, or the owner of the folder alone has
# the new one. No link of the disk is followed, which would lead out of the mounted system.
recover_one() {
  local source=$recover_folder/$1 rest=$1 folder=$TARGET target partial owner mode=600
  case /$1/ in */../* | */./* | *//*) recover_error='its path leads elsewhere'; return 1 ;; esac
  while :; do
    target=$folder/${rest%%/*}
    [ "${rest#*/}" != "$rest" ] || break
    rest=${rest#*/}
    [ ! -L "$target" ] || { recover_error="${target#"$TARGET"} on the disk is a link; recover it by the path to which that leads"; return 1; }
    if [ ! -d "$target" ]; then
      recover_error=$({ mkdir -m 700 "$target" && chown "$(stat -c %u:%g "$folder")" "$target"; } 2>&1) || return 1
    fi
    folder=$target
  done
  [ ! -L "$target" ] || { recover_error='is a link on the disk; recover it by the path to which that leads'; return 1; }
  [ ! -d "$target" ] || { recover_error='is a folder on the disk'; return 1; }
  partial=$folder/.recovered.partial owner=$(stat -c %u:%g "$folder")
  if [ -f "$target" ]; then
    owner=$(stat -c %u:%g "$target") mode=$(stat -c %a "$target")
  fi
  rm -f "$partial"
  recover_error=$({ cp "$source" "$partial" && chown "$owner" "$partial" && chmod "$mode" "$partial" && chmod ug-s "$partial" &&
    touch -r "$source" "$partial" && sync "$partial" && mv -f "$partial" "$target"; } 2>&1) || { rm -f "$partial"; return 1; }
  recover_bytes=$((recover_bytes + $(stat -c %s "$target")))
}

# What the disk holds, and not what memory holds of it.
recover_verify() {
  local error
  umount "$TARGET" || fail recover "unmounting $disk_partition"
  error=$(disk_mount) || fail recover "mounting $disk_partition again: $error"
  (cd "$TARGET" && sha256sum -c $RECOVER_LIST) >/run/recover-check 2>&1 ||
    fail recover "read back from $disk_partition: $(grep -v ': OK$' /run/recover-check | head -n 1)"
  event agent.recovered client="$option_backupof" id="$recover_id" partition="$disk_partition" files:="$recover_files" bytes:="$recover_bytes" listed:="[$recover_told]"
}

recover_finish() {
  screen_stage finish 'The files are on the disk'
  umount "$TARGET" || fail finish "unmounting $disk_partition"
  share_logoff || fail finish 'logging off from the share'
  event agent.result ok:=true
  computer_stop poweroff
}
