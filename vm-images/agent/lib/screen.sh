# The screen: 80 x 25 characters on the first virtual terminal. A title bar, the steps on the left, a card on the right, a status bar.

ESC=$(printf '\033')
STEPS='network:Start the network
control:Ask the server
logon:Log on
choose:Choose an image
partition:Prepare the disk
receive:Receive the image
apply:Apply the image
additions:Add the extras
join:Join the domain
bootable:Make it bootable
restart:Restart'
SCREEN_TITLE='Network installation'
CARD_COLUMN=29 CARD_TOP=4 CARD_BOTTOM=22 CARD_WIDTH=50
# Colours by role; `screen_open` sets the palette.
ON_DESK="$ESC[0;37;44m" ON_DESK_STRONG="$ESC[0;1;37;44m" ON_DESK_FAINT="$ESC[0;36;44m" ON_BAR="$ESC[0;1;37;45m" ON_BAR_PLAIN="$ESC[0;37;45m"
ON_CARD="$ESC[0;30;47m" ON_CARD_TITLE="$ESC[0;34;47m" ON_CARD_ALERT="$ESC[0;31;47m" ON_CHOICE="$ESC[0;1;37;46m" ON_TROUGH="$ESC[0;37;40m"

# Palette: black, red, green, brown, blue, magenta, cyan, grey, and the bright white that `1;37` gives.
screen_open() {
  exec 3<>/dev/tty1
  stty -F /dev/tty1 -icanon -echo
  paint "$ESC]P0101820$ESC]P1b3261e$ESC]P262c370$ESC]P3d9a441$ESC]P40b3d70$ESC]P5072a4f$ESC]P63f92d8$ESC]P7e6ebf1$ESC]Pfffffff$ESC[?25l"
  screen_frame
}

paint() {
  printf '%s' "$*" >&3
}

# place ROW COLUMN: sets `here` to the escape sequence that moves the cursor there.
place() {
  here="$ESC[$1;$2H"
}

# screen_mode STEPS TITLE: replaces the steps and the title of the installation.
screen_mode() {
  STEPS=$1 SCREEN_TITLE=$2
  screen_frame
}

# Paints everything that stays the same in all steps.
screen_frame() {
  paint "$ON_DESK$ESC[2J$ESC[1;1H$ON_BAR$ESC[80X$ESC[1;3Hpxewright$ON_BAR_PLAIN  $SCREEN_TITLE"
  paint "$ESC[25;1H$ON_BAR_PLAIN$ESC[80X"
}

# screen_stage STEP TITLE: shows that the step is under way.
screen_stage() {
  screen_steps "$1" ►
  screen_card "$2"
  case $1 in
    store) card_text "Store  $option_store" "Computer  $option_client" ;;
    backup) card_text "Backup  $backup_id of $option_client" ;;
    restore) card_text "Backup  $backup_id of $backup_client" ;;
    network) card_text 'Looking for the network card, its link and an address.' ;;
    control) card_text "Server  $option_control" 'Does it have an answer file for this computer?' ;;
    logon) card_text "Account  $option_domain\\$option_user" ;;
    choose) card_text 'Reading every image file on the share.' ;;
    partition) card_text "${image_name:+Image  $image_name}${backup_id:+Backup  $backup_id of $backup_client}" "Everything on the disk will be replaced." ;;
    receive) card_text "$image_path" "by multicast, port $option_multicast" 'This computer waits until all of them have come.'; screen_progress 0 received ;;
    apply) card_text "$image_path" "to $disk_partition, $((image_bytes >> 20)) MiB"; screen_progress 0 ;;
    additions) card_text 'Drivers and packages, and the settings of this computer.' ;;
    join) card_text "Computer account  $option_join" ;;
    bootable) card_text "Boot loader for $(printf %s "$firmware" | tr a-z A-Z) on $disk." ;;
    find)
      case $option_mode in
        capture | recover) card_text 'Looking for a partition with a bootable system.' ;;
        backup) card_text 'Reading its partition table.' ;;
        restore) card_text "Computer  $backup_client" "Backup  $option_backup" ;;
      esac
      ;;
    generalise) card_text 'Removes what identifies this computer:' 'its name, its identity, its logs.' ;;
    capture) card_text "to $option_image" "on \\\\$option_server\\$option_share"; screen_progress 0 captured ;;
    wait) card_text "Computer  $option_backupof" "Backup  $option_backup" 'Waiting for' "$option_paths" ;;
    recover) card_text "Backup  $recover_id of $option_backupof" ;;
    publish) card_text "$option_image" ;;
    finish) card_text "$option_image${backup_id:+Backup  $backup_id}" 'The computer is switched off.' ;;
    restart) card_text 'The installation is complete.' 'The computer starts from its disk now.' ;;
  esac
  screen_status
  event agent.screen name="$1"
}

# screen_steps CURRENT MARK: shows the steps before CURRENT as done and those after it as pending.
screen_steps() {
  local current=$1 mark=$2 row=5 name label text= seen=
  # An eleventh step would be on the status bar.
  [ -z "$option_multicast" ] || [ -z "$option_join" ] || [ -z "$option_control" ] || row=3
  while IFS=: read -r name label; do
    step_is_shown "$name" || continue
    place $row 4
    if [ "$name" = "$current" ]; then
      seen=1 text="$text$here$ON_DESK_STRONG$mark $label"
    elif [ -z "$seen" ]; then
      text="$text$here$ON_DESK√ $label"
    else
      text="$text$here$ON_DESK_FAINT· $label"
    fi
    row=$((row + 2))
  done <<EOF
$STEPS
EOF
  paint "$text"
}

# step_is_shown NAME: false for a step that this installation does not have.
step_is_shown() {
  case $1 in
    control | additions) [ -n "$option_control" ] ;;
    join) [ -n "$option_join" ] ;;
    receive) [ -n "$option_multicast" ] ;;
  esac
}

# screen_card TITLE: paints an empty card; `card_row` is the row of its next text.
screen_card() {
  local row=$CARD_TOP text=$ON_CARD
  while [ $row -le $CARD_BOTTOM ]; do
    text="$text$ESC[$row;${CARD_COLUMN}H$ESC[${CARD_WIDTH}X"
    row=$((row + 1))
  done
  card_row=$((CARD_TOP + 1))
  card_lines "$ON_CARD_TITLE" "$1"
  text="$text$card$ESC[${card_row};$((CARD_COLUMN + 2))H────────────────────────────────────────────── "
  card_row=$((card_row + 2))
  paint "$text"
}

# card_text LINE…: paints black text on the card, wrapped at its width.
card_text() {
  local line
  for line; do
    card_lines "$ON_CARD" "$line"
    paint "$card"
  done
}

# card_lines COLOUR TEXT: sets `card` to TEXT, wrapped, from card_row on; drops what does not fit.
card_lines() {
  local colour=$1 line
  card=
  while read -r line; do
    [ $card_row -lt $CARD_BOTTOM ] || break
    card="$card$ESC[$card_row;$((CARD_COLUMN + 2))H$colour$line"
    card_row=$((card_row + 1))
  done <<EOF
$(printf '%s\n' "$2" | tr -d '\000-\011\013-\037\177' | fold -s -w $((CARD_WIDTH - 4)))
EOF
}

# screen_progress PERCENT [WORD]: paints a progress bar low on the card.
screen_progress() {
  local width=$((CARD_WIDTH - 4)) full left
  full=$((width * $1 / 100)) left=$((CARD_COLUMN + 2))
  set -- "$1" "$ESC[16;${left}H$ON_CARD$1 % ${2:-applied}  $ESC[18;${left}H"
  # ECH with a parameter of 0 erases one character, so an empty part must be omitted.
  [ $full -gt 0 ] && set -- "$1" "$2$ON_CHOICE$ESC[${full}X$ESC[18;$((left + full))H"
  [ $full -lt $width ] && set -- "$1" "$2$ON_TROUGH$ESC[$((width - full))X"
  paint "$2"
}

screen_status() {
  paint "$ESC[25;3H$ON_BAR_PLAIN${network_ip:+$network_ip  $network_interface $network_driver  }${network_ip:+$network_mac  }${disk:+$disk}"
}

# screen_message NAME TITLE LINE…
screen_message() {
  local name=$1
  screen_card "$2"
  shift 2
  card_text "$@"
  event agent.screen name="$name"
}

# screen_failed STAGE MESSAGE
screen_failed() {
  screen_steps "$1" ‼
  screen_card "This cannot continue"
  card_lines "$ON_CARD_ALERT" "$2"
  paint "$card"
  card_row=$((card_row + 1))
  card_text 'The computer will be switched off.'
  screen_status
  event agent.screen name=failed
}

# screen_menu: reads cursor keys or a digit, then Enter; sets the variables of image_by_number.
screen_menu() {
  local count choice=1 key
  count=$(wc -l <"$IMAGE_LIST")
  screen_card 'Select the image to install'
  paint "$ESC[25;3H$ON_BAR_PLAIN$ESC[78X↑ ↓ or a number: select    Enter: install"
  menu_rows $choice
  event agent.screen name=menu
  while :; do
    IFS= read -r -n 1 key <&3 || continue
    case $key in
      '') break ;;
      [1-9]) [ "$key" -le "$count" ] && choice=$key ;;
      "$ESC")
        # The two bytes after ESC in a cursor key's sequence.
        IFS= read -r -t 1 -n 1 key <&3 && IFS= read -r -t 1 -n 1 key <&3
        case $key in
          A) [ $choice -gt 1 ] && choice=$((choice - 1)) ;;
          B) [ $choice -lt "$count" ] && choice=$((choice + 1)) ;;
        esac
        ;;
    esac
    menu_rows $choice
  done
  image_by_number $choice
}

# menu_rows CHOICE: paints as many images as fit on the card, the chosen one among them.
menu_rows() {
  local choice=$1 room=$(((CARD_BOTTOM - CARD_TOP - 4) / 2)) number=0 row first text= path shared index bytes architecture name colour
  first=$((choice > room ? choice - room + 1 : 1))
  row=$card_row
  while IFS='	' read -r path shared index bytes architecture name; do
    number=$((number + 1))
    [ $number -ge $first ] && [ $number -lt $((first + room)) ] || continue
    colour=$ON_CARD
    [ $number = $choice ] && colour=$ON_CHOICE
    text="$text$ESC[$row;$((CARD_COLUMN + 1))H$colour$ESC[$((CARD_WIDTH - 2))X $number  $(clip 32 "$name")"
    text="$text$ESC[$row;$((CARD_COLUMN + CARD_WIDTH - 12))H$((bytes >> 20)) MiB"
    text="$text$ESC[$((row + 1));$((CARD_COLUMN + 1))H$colour$ESC[$((CARD_WIDTH - 2))X    $(clip 42 "$path")"
    row=$((row + 2))
  done <"$IMAGE_LIST"
  paint "$text"
}

# clip COLUMNS TEXT: prints the first COLUMNS bytes, without control characters and without an incomplete character at the end.
clip() {
  printf '%s' "$2" | tr -d '\000-\037\177' | awk -v room="$1" '{
    if (length($0) > room) { text = substr($0, 1, room); while (text ~ /[\200-\277]$/) text = substr(text, 1, length(text) - 1); sub(/[\300-\377]$/, "", text); $0 = text }
    printf "%s", $0 }'
}
