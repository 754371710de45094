# The answer file replaces the questions to a user. It has a small part of Windows' unattend.xml (answer-file.awk).

ANSWERS=/run/answers
# No answer file is larger.
ANSWER_FILE_MOST=262144
answer_file= answer_flags=0

# answer_file_read: checks the file and takes its values; on failure sets answer_error. They take precedence over the boot image's
# own options, unless the server set flag 2: then the options take precedence (MS-WDSOSD section 2.2.3).
answer_file_read() {
  local file before=$option_image
  answer_error="larger than $ANSWER_FILE_MOST bytes"
  [ "$(wc -c <"$answer_file")" -le $ANSWER_FILE_MOST ] || return 1
  answer_file_utf8
  awk -f /agent/answer-file.awk "$answer_file" >"$ANSWERS" || { answer_error=$(cut -f 2- "$ANSWERS"); return 1; }
  answer login.domain; answer_option domain "$value"
  answer login.user; answer_option user "$value"
  answer login.password; answer_option password "$value"
  case $option_password in *,*) answer_error='the password has a comma, which mount(8) cannot take'; return 1 ;; esac
  answer image.file; file=$value
  answer image.group
  answer_option image "${file:+Images\\$value\\$file}"
  # The boot image's index and name are for its own image.
  [ "$option_image" = "$before" ] || option_imageindex= option_imagename=
  answer image.name; answer_option imagename "$value"
  answer install.disk; answer_option disk "$value"
  option_unattended=1
}

# answer_file_utf8: converts UTF-16 with a byte order mark, which Windows' own editors write.
answer_file_utf8() {
  [ "$(od -An -tx1 -N 2 "$answer_file")" = ' ff fe' ] || return 0
  od -An -v -tu2 -w2 "$answer_file" | awk -f /agent/utf16.awk >/run/answer.utf8
  mv /run/answer.utf8 "$answer_file"
}

# answer KEY: sets `value` to the answer, or to the empty string.
answer() {
  value=$(sed -n "s/^$1	//p" "$ANSWERS" 2>/dev/null | head -n 1)
}

# answers KEY: prints all answers of that key, one per line.
answers() {
  sed -n "s/^$1	//p" "$ANSWERS" 2>/dev/null
}

# answer_option OPTION VALUE: sets the option to the value, if there is one.
answer_option() {
  local current
  eval "current=\$option_$1"
  [ -n "$2" ] && { [ -z "$current" ] || [ $((answer_flags & 2)) = 0 ]; } || return 0
  eval "option_$1=\$2"
}
