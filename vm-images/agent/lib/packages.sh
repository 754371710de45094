# Packages, drivers and settings that the agent adds to the image.

# package_apply FILE: unpacks and configures a Debian package on the target; sets package_name, package_version, on failure
# package_error. The image has no dpkg, so this code writes dpkg's database entries itself (deb(5)).
package_apply() {
  local file=$1 control=/run/package architecture part data
  rm -rf $control
  package_name=${file##*/} package_version=
  [ -f "$file" ] || { package_error='no such file on the share'; return 1; }
  package_error=$(dpkg-deb -e "$file" $control 2>&1) && [ -s $control/control ] || { package_error="not a Debian package: $package_error"; return 1; }
  package_name=$(package_field Package) package_version=$(package_field Version) architecture=$(package_field Architecture)
  case $package_name in '' | *[!a-z0-9+.-]*) package_error="invalid package name “$package_name”"; return 1 ;; esac
  case $(uname -m):$architecture in
    *:all | x86_64:amd64 | aarch64:arm64) true ;;
    *) package_error="it is for $architecture, this computer is $(uname -m)"; return 1 ;;
  esac
  data=$TARGET/var/lib/dpkg
  mkdir -p "$data/info"
  set +f
  for part in $control/*; do
    [ "$part" = $control/control ] || cp "$part" "$data/info/$package_name.${part##*/}"
  done
  set -f
  package_script preinst install || return 1
  package_error=$(dpkg-deb -X "$file" "$TARGET" 2>&1 >/run/package.list) || return 1
  sed 's/^\.//; s/^[^/]/\/&/; s/\/$//; s/^$/\/./' /run/package.list >"$data/info/$package_name.list"
  package_verify || return 1
  package_script postinst configure || return 1
  { sed '/^Package:/a Status: install ok installed' $control/control; echo; } >>"$data/status"
}

# package_verify: checks the files on the disk against the package's md5sums, if it has them.
package_verify() {
  [ -f /run/package/md5sums ] || return 0
  package_error=$(cd "$TARGET" && md5sum -c /run/package/md5sums 2>&1) && return 0
  package_error="not on the disk as packed: $(printf %s "$package_error" | grep -v ': OK$' | head -n 1)"
  return 1
}

# package_field NAME: prints a field of the package's control file.
package_field() {
  sed -n "s/^$1: *//p" /run/package/control | head -n 1
}

# package_script NAME ARGUMENT: runs a maintainer script on the target.
package_script() {
  [ -f "$TARGET/var/lib/dpkg/info/$package_name.$1" ] || return 0
  package_error="$1: $(target_run "/var/lib/dpkg/info/$package_name.$1" "$2" 2>&1)" || return 1
}

# target_run COMMAND…: runs a command on the target, with the target as its root.
target_run() {
  local status
  mount -o bind /dev "$TARGET/dev" && mount -t proc proc "$TARGET/proc"
  chroot "$TARGET" "$@" </dev/null
  status=$?
  umount "$TARGET/proc" "$TARGET/dev"
  return $status
}

# target_commands: runs the answer file's commands; on failure sets command_error to the number and the output of the failed one.
target_commands() {
  local command number=0
  answers command >/run/commands
  while read -r command; do
    number=$((number + 1))
    command_error="command $number: $(target_run /bin/sh -c "$command" 2>&1)" || return 1
  done </run/commands
}

# target_name NAME: sets the computer's name.
target_name() {
  echo "$1" >"$TARGET/etc/hostname"
}

# target_first_start: writes the commands that the installed system runs at its first start.
target_first_start() {
  answers first-command >/run/first-start
  [ ! -s /run/first-start ] || cp /run/first-start "$TARGET/etc/first-start"
}

# target_driver NAME: copies a driver package of the store to the target.
target_driver() {
  local from="$SHARE/DriverPackages/$1" release folder
  read -r release <"$from/release" || return 1
  folder=$TARGET/lib/modules/$release/updates/$1
  set +f
  mkdir -p "$folder" && cp "$from"/* "$folder/" || { set -f; return 1; }
  set -f
  echo "$1" >>"$TARGET/etc/drivers"
}
