# Prints an answer file in the format of Windows' unattend.xml as `key<tab>value` lines; or one line `error<tab>line N: …`, with
# status 1.
# Accepts a strict subset of XML 1.0 (no DTD, no CDATA) and of the schema. An unsupported element is an error, since silently
# ignoring a setting would be worse.
BEGIN {
  RS = "\001"
  setup = "unattend/settings[windowsPE]/component[Microsoft-Windows-Setup]"
  specialize = "unattend/settings[specialize]/component["
  deployment = setup "/WindowsDeploymentServices"
  disk = setup "/DiskConfiguration/Disk"
  known(deployment "/Login/Credentials/Domain", "login.domain")
  known(deployment "/Login/Credentials/Username", "login.user")
  known(deployment "/Login/Credentials/Password", "login.password")
  known(deployment "/ImageSelection/InstallImage/ImageGroup", "image.group")
  known(deployment "/ImageSelection/InstallImage/ImageName", "image.name")
  known(deployment "/ImageSelection/InstallImage/Filename", "image.file")
  known(deployment "/ImageSelection/InstallTo/DiskID", "install.disk")
  known(deployment "/ImageSelection/InstallTo/PartitionID", "install.partition")
  known(disk "/DiskID", "disk.id")
  known(disk "/WillWipeDisk", "disk.wipe")
  known(disk "/CreatePartitions/CreatePartition/Order", "order")
  known(disk "/CreatePartitions/CreatePartition/Type", "partition.type")
  known(disk "/CreatePartitions/CreatePartition/Size", "partition")
  known(disk "/CreatePartitions/CreatePartition/Extend", "partition.extend")
  known(specialize "Microsoft-Windows-Shell-Setup]/ComputerName", "computer-name")
  known(specialize "Microsoft-Windows-Deployment]/RunSynchronous/RunSynchronousCommand/Order", "order")
  known(specialize "Microsoft-Windows-Deployment]/RunSynchronous/RunSynchronousCommand/Path", "command")
  known(specialize "Microsoft-Windows-Deployment]/RunSynchronous/RunSynchronousCommand/Description", "")
  first = "unattend/settings[oobeSystem]/component[Microsoft-Windows-Shell-Setup]/FirstLogonCommands/SynchronousCommand"
  known(first "/Order", "order")
  known(first "/CommandLine", "first-command")
  known(first "/Description", "")
  known("unattend/servicing/package/source", "package")
  known("unattend/servicing/package/assemblyIdentity", "")
}

# Permitted elements: the `key` of a path that has a value, and each path's children for messages.
function known(path, key,   parent, name) {
  leaf[path] = 1
  keys[path] = key
  while (path != "" && !(path in allowed)) {
    allowed[path] = 1
    parent = path
    if (!sub(/\/[^\/]*$/, "", parent)) parent = ""
    name = substr(path, parent == "" ? 1 : length(parent) + 2)
    children[parent] = children[parent] (children[parent] == "" ? "" : ", ") name
    path = parent
  }
}

function fail(text) {
  if (failed) return
  failed = 1
  # Quoted text may contain any characters.
  gsub(/[\001-\040\177]+/, " ", text)
  printf "error\tline %d: %s\n", line, substr(text, 1, 300)
}

function trim(text) {
  sub(/^[ \t\r\n]+/, "", text)
  sub(/[ \t\r\n]+$/, "", text)
  return text
}

function unescape(text,   out, at, name) {
  out = ""
  while ((at = index(text, "&")) > 0) {
    out = out substr(text, 1, at - 1)
    text = substr(text, at)
    if (!match(text, /^&[a-zA-Z0-9#]+;/)) { fail("a lone &; write &amp; instead"); return out }
    name = substr(text, 2, RLENGTH - 2)
    text = substr(text, RLENGTH + 1)
    if (name == "lt") out = out "<"
    else if (name == "gt") out = out ">"
    else if (name == "amp") out = out "&"
    else if (name == "quot") out = out "\""
    else if (name == "apos") out = out "'"
    else { fail("&" name "; is not supported; write the character itself"); return out }
  }
  return out text
}

# The value of an attribute in a tag's text; its name may have a prefix.
function attribute(tag, name) {
  if (!match(tag, "[ \t\r\n:]" name "[ \t\r\n]*=[ \t\r\n]*(\"[^\"]*\"|'[^']*')")) return ""
  tag = substr(tag, RSTART, RLENGTH)
  sub(/^[^=]*=[ \t\r\n]*./, "", tag)
  return unescape(substr(tag, 1, length(tag) - 1))
}

function open_element(name, tag,   label) {
  label = name
  sub(/^[^:]*:/, "", label)
  if (label == "settings") label = label "[" attribute(tag, "pass") "]"
  if (label == "component") label = label "[" attribute(tag, "name") "]"
  if (depth == 0 && label != "unattend") { fail("expected <unattend>, got <" name ">"); return }
  if (depth == 0 && seen_root) { fail("a second root element <" name ">"); return }
  seen_root = 1
  names[++depth] = name
  paths[depth] = depth == 1 ? label : paths[depth - 1] "/" label
  lines[depth] = line
  texts[depth] = ""
  if (!(paths[depth] in allowed)) {
    fail("<" name ">" (label == name ? "" : " (" label ")") " is not supported in " (depth == 1 ? "a file" : paths[depth - 1]) "; expected " children[depth == 1 ? "" : paths[depth - 1]])
    return
  }
  if (label == "package" && attribute(tag, "action") != "install") fail("package action \"" attribute(tag, "action") "\": expected install")
  if (label == "source") texts[depth] = attribute(tag, "location")
  if (label ~ /^(CreatePartition|RunSynchronousCommand|SynchronousCommand)$/) { order = ""; pending = ""; extend = ""; type = "" }
}

function close_element(name,   path) {
  if (depth == 0 || names[depth] != name) { fail("</" name "> closes " (depth == 0 ? "nothing" : "<" names[depth] "> of line " lines[depth])); return }
  path = paths[depth]
  if (path in leaf) take(path, unescape(trim(texts[depth])))
  else if (trim(texts[depth]) != "") fail("text in <" name ">; expected elements only")
  else close_group(path, lines[depth])
  depth--
}

function take(path, value,   key) {
  key = keys[path]
  if (key == "") return
  if (value == "") { fail("<" names[depth] "> is empty; expected a value"); return }
  if (value ~ /[\001-\037]/) { fail("<" names[depth] "> holds a tab, a line break or another control character"); return }
  check(key, value)
  if (key == "order") order = value
  else if (key == "partition.type") type = value
  else if (key == "partition.extend") extend = value
  else if (key == "partition" || key == "command" || key == "first-command") pending = value
  else if (key == "package" || !(key in values)) emit(key, value)
  else fail("a second <" names[depth] ">; the first has " values[key])
}

function emit(key, value) {
  values[key] = value
  output = output key "\t" value "\n"
}

function check(key, value) {
  if (key == "computer-name" && value != "%MACHINENAME%" && (value !~ /^[A-Za-z0-9-]+$/ || length(value) > 15 || value ~ /^-|-$/ || value ~ /^[0-9]+$/)) fail("computer name \"" value "\": expected 1 to 15 letters, digits and inner hyphens, and not only digits, or %MACHINENAME%")
  if ((key == "image.file" || key == "image.group") && value ~ /[\\\/]/) fail("<" names[depth] "> is \"" value "\": expected a name without slashes")
  if ((key == "order" || key == "partition" || key == "install.disk" || key == "install.partition" || key == "disk.id") && value !~ /^[0-9][0-9]?[0-9]?[0-9]?[0-9]?[0-9]?$/) fail("<" names[depth] "> is \"" value "\": expected a whole number")
  if ((key == "disk.wipe" || key == "partition.extend") && value != "true") fail("<" names[depth] "> is \"" value "\": expected true")
  if (key == "partition.type" && value != "Primary" && value != "EFI") fail("partition type \"" value "\": expected Primary or EFI")
  if (key == "package" && (value !~ /\.deb$/ || value ~ /(^|[\\\/])\.\.([\\\/]|$)/)) fail("package \"" value "\": expected the path of a .deb below the share, e.g. Packages\\tool_1.0_all.deb")
}

# The end of a partition or command: stored under its order, which must be unique.
function close_group(path, from,   list) {
  if (path !~ /\/(CreatePartition|RunSynchronousCommand|SynchronousCommand)$/) return
  list = path ~ /Partition$/ ? "partition" : path ~ /RunSynchronousCommand$/ ? "command" : "first-command"
  line_was = line
  line = from
  if (order == "" || order < 1 || order > 99) fail("expected an <Order> from 1 to 99")
  else if ((list, order + 0) in ordered) fail("<Order> " order " occurs twice")
  else if (list == "partition" && (pending == "") == (extend == "")) fail("a partition needs either <Size> in MB or <Extend>true</Extend>")
  else if (pending == "" && extend == "") fail("a command is missing")
  ordered[list, order + 0] = (extend == "" ? pending : "extend") (type == "EFI" ? " EFI" : "")
  line = line_was
}

function close_file(   list, n, at) {
  if (depth > 0) { line = lines[depth]; fail("<" names[depth] "> is not closed"); return }
  if (!seen_root) { fail("no <unattend> element"); return }
  split("partition command first-command", list, " ")
  for (n = 1; n <= 3; n++) for (at = 1; at <= 99; at++) if ((list[n], at) in ordered) emit(list[n], ordered[list[n], at])
  for (at = n = 0; at <= 99; at++) if (("partition", at) in ordered && ++n > 4) { fail("more than four partitions; an MBR has room for four"); return }
  for (at = 1; at < 99; at++) if ((("partition", at) in ordered) && ordered["partition", at] ~ /^extend/) for (n = at + 1; n <= 99; n++) if (("partition", n) in ordered) { fail("partition " n " follows one that takes the rest of the disk"); return }
}

function count_lines(text) {
  line += gsub(/\n/, "\n", text)
}

{ content = content $0 }

END {
  line = 1
  sub(/^\357\273\277/, "", content)
  while (!failed && (at = index(content, "<")) > 0) {
    text = substr(content, 1, at - 1)
    content = substr(content, at)
    if (depth > 0) texts[depth] = texts[depth] text
    else if (trim(text) != "") { count_lines(text); fail("text before <unattend>"); break }
    count_lines(text)
    if (substr(content, 1, 4) == "<!--") {
      if ((end = index(content, "-->")) == 0) { fail("a comment that is not closed"); break }
      count_lines(substr(content, 1, end + 2))
      content = substr(content, end + 3)
      continue
    }
    if (substr(content, 1, 2) == "<!") { fail("a document type or CDATA section, which is not supported"); break }
    if ((end = index(content, ">")) == 0) { fail("a tag that is not closed"); break }
    tag = substr(content, 2, end - 2)
    content = substr(content, end + 1)
    if (substr(tag, 1, 1) == "?") { count_lines(tag); continue }
    if (substr(tag, 1, 1) == "/") close_element(trim(substr(tag, 2)))
    else {
      empty = sub(/\/[ \t\r\n]*$/, "", tag)
      name = tag
      sub(/[ \t\r\n].*$/, "", name)
      if (name !~ /^[A-Za-z_][A-Za-z0-9_.:-]*$/) { fail("<" substr(name, 1, 40) "> is not a valid tag"); break }
      open_element(name, tag)
      if (empty && !failed) close_element(name)
    }
    count_lines(tag)
  }
  if (!failed && trim(content) != "") fail("text after </unattend>")
  if (!failed && ("image.file" in values) != ("image.group" in values)) { line = 1; fail("expected both <ImageGroup> and <Filename>, got one of them") }
  if (!failed) close_file()
  if (!failed) printf "%s", output
  exit failed
}
