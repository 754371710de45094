# The images on the share, and the choice of one.

IMAGE_LIST=/run/images

# images_list: fills IMAGE_LIST, one line per image: path below the share with backslashes, name of the file beside it that holds
# its data (or -), index, total bytes, Windows' architecture code (or -), name. Reads that file's header and list too.
images_list() {
  local file path looked=
  : >"$IMAGE_LIST"
  find "$SHARE/Images" -type f -iname '*.wim' 2>/dev/null | sort >/run/image-files
  while read -r file; do
    path=${file#"$SHARE/"}
    path=${path//\//\\}
    wim_xml "$file" >/run/wim-xml || continue
    wim_shared "$file"
    wim_images </run/wim-xml | while IFS='	' read -r line; do
      printf '%s\t%s\t%s\n' "$path" "${shared:--}" "$line"
    done >>"$IMAGE_LIST"
    [ -z "$shared" ] || [ "$looked" = "${file%/*}" ] || { looked=${file%/*}; wim_xml "$looked/$shared" >/dev/null; }
  done </run/image-files
}

images_event() {
  local path shared index bytes architecture name list=
  while IFS='	' read -r path shared index bytes architecture name; do
    json_string "$path"; list="$list${list:+,}{\"path\":$json,\"index\":$index"
    json_string "$name"; list="$list,\"name\":$json,\"bytes\":$bytes}"
  done <"$IMAGE_LIST"
  event agent.images images:="[$list]"
}

# image_by_path PATH: sets image_path, image_shared, image_index, image_bytes, image_architecture, image_name to those of the image
# in that file that has the index and the name of the options, or else of its first image. Paths are case-insensitive.
image_by_path() {
  local wanted
  lower "$1"; wanted=$lowered
  while IFS='	' read -r image_path image_shared image_index image_bytes image_architecture image_name; do
    lower "$image_path"
    [ "$lowered" = "$wanted" ] && [ "${option_imageindex:-$image_index}" = "$image_index" ] &&
      [ "${option_imagename:-$image_name}" = "$image_name" ] && return 0
  done <"$IMAGE_LIST"
  return 1
}

# image_by_number N: the same for line N of the list.
image_by_number() {
  IFS='	' read -r image_path image_shared image_index image_bytes image_architecture image_name <<EOF
$(sed -n "$1p" "$IMAGE_LIST")
EOF
  [ -n "$image_path" ]
}

# image_group: prints the folder of the chosen image's file.
image_group() {
  local folder=${image_path%\\*}
  echo "${folder##*\\}"
}

# image_runs_here: true if the chosen image is for this computer's processor or names no processor.
image_runs_here() {
  case $(uname -m):$image_architecture in
    *:- | x86_64:9 | x86_64:0 | i?86:0 | aarch64:12) return 0 ;;
  esac
  return 1
}

# image_open_error PATH: opens a file that the list does not have, so that the server's answer shows on the wire; for one that it has,
# prints the images in it.
image_open_error() {
  local path
  share_path "$1"
  [ ! -f "$path" ] || { echo "no such image in this file; it has$(images_of "$1")"; return; }
  dd if="$path" of=/dev/null bs=$WIM_PAGE count=1 iflag=direct 2>&1 | sed -n 's/^dd: .*: //p' | head -n 1
}

lower() {
  lowered=$(printf %s "$1" | tr A-Z a-z)
}

# images_of PATH: prints index and name of each image in that file.
images_of() {
  local wanted path shared index bytes architecture name
  lower "$1"; wanted=$lowered
  while IFS='	' read -r path shared index bytes architecture name; do
    lower "$path"
    [ "$lowered" != "$wanted" ] || printf ' %s “%s”' "$index" "$name"
  done <"$IMAGE_LIST"
}
