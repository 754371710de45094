# The images on the share, and which one is wanted.

IMAGE_LIST=/run/images

# images_list: fills IMAGE_LIST, one line an image: path below the share with backslashes, index, total bytes, name.
images_list() {
  local file path
  : >"$IMAGE_LIST"
  find "$SHARE/Images" -type f -iname '*.wim' 2>/dev/null | sort >/run/image-files
  while read -r file; do
    path=${file#"$SHARE/"}
    path=${path//\//\\}
    wim_xml "$file" | wim_images | while IFS='	' read -r line; do
      printf '%s\t%s\n' "$path" "$line"
    done >>"$IMAGE_LIST"
  done </run/image-files
}

images_event() {
  local path index bytes name list=
  while IFS='	' read -r path index bytes name; do
    json_string "$path"; list="$list${list:+,}{\"path\":$json,\"index\":$index"
    json_string "$name"; list="$list,\"name\":$json,\"bytes\":$bytes}"
  done <"$IMAGE_LIST"
  event agent.images images:="[$list]"
}

# image_by_path PATH [NAME]: sets image_path, image_index, image_bytes, image_name of the first image in that file, or of the one
# with that name; case does not count in paths.
image_by_path() {
  local wanted name=$2
  lower "$1"; wanted=$lowered
  while IFS='	' read -r image_path image_index image_bytes image_name; do
    lower "$image_path"
    [ "$lowered" = "$wanted" ] && { [ -z "$name" ] || [ "$name" = "$image_name" ]; } && return 0
  done <"$IMAGE_LIST"
  return 1
}

# image_by_number N: the same for line N of the list.
image_by_number() {
  IFS='	' read -r image_path image_index image_bytes image_name <<EOF
$(sed -n "$1p" "$IMAGE_LIST")
EOF
  [ -n "$image_path" ]
}

# image_group: of the chosen image, the folder that its file lies in.
image_group() {
  local folder=${image_path%\\*}
  echo "${folder##*\\}"
}

# image_open_error PATH: opens a file that the list does not have, so that the server says on the wire what it thinks of that name.
image_open_error() {
  local path
  share_path "$1"
  [ ! -f "$path" ] || { echo 'no such image in this file'; return; }
  dd if="$path" of=/dev/null bs=$WIM_PAGE count=1 iflag=direct 2>&1 | sed -n 's/^dd: .*: //p' | head -n 1
}

lower() {
  lowered=$(printf %s "$1" | tr A-Z a-z)
}
