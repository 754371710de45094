# Prints the scalars of JSON, one a line: the number of the record, the path (keys and indexes from 0, joined by dots) and the
# value, with tabs between. A record is one JSON text: a line, or the whole input when RS is a character that JSON cannot have.
# Exit status 1 for what is no JSON.

{
  rest = $0
  value("")
  blank()
  if (rest != "") bad()
}

function bad() {
  exit 1
}

function blank() {
  sub(/^[ \t\r\n]+/, "", rest)
}

# Whether the text goes on with this character, which is then taken.
function takes(character) {
  blank()
  if (substr(rest, 1, 1) != character) return 0
  rest = substr(rest, 2)
  return 1
}

function value(path,   index_, key, under) {
  blank()
  under = path == "" ? "" : path "."
  if (takes("{")) {
    if (takes("}")) return
    do {
      key = string()
      if (!takes(":")) bad()
      value(under key)
    } while (takes(","))
    if (!takes("}")) bad()
  } else if (takes("[")) {
    if (takes("]")) return
    index_ = 0
    do value(under index_++); while (takes(","))
    if (!takes("]")) bad()
  } else if (substr(rest, 1, 1) == "\"") print NR "\t" path "\t" string()
  else {
    if (!match(rest, /^(-?[0-9.]+([eE][-+]?[0-9]+)?|true|false|null)/)) bad()
    key = substr(rest, 1, RLENGTH)
    rest = substr(rest, RLENGTH + 1)
    print NR "\t" path "\t" key
  }
}

# A string's text; tabs and line ends in it become blanks, and \u escapes beyond ASCII a question mark.
function string(   raw, text, code, escape) {
  blank()
  if (!match(rest, /^"([^"\\]|\\.)*"/)) bad()
  raw = substr(rest, 2, RLENGTH - 2)
  rest = substr(rest, RLENGTH + 1)
  text = ""
  while (match(raw, /\\./)) {
    escape = substr(raw, RSTART + 1, 1)
    text = text substr(raw, 1, RSTART - 1)
    raw = substr(raw, RSTART + 2)
    if (escape == "u") {
      code = hexadecimal(substr(raw, 1, 4))
      text = text (code >= 32 && code < 127 ? sprintf("%c", code) : code < 32 ? " " : "?")
      raw = substr(raw, 5)
    } else text = text (index("bfnrt", escape) ? " " : escape)
  }
  return text raw
}

function hexadecimal(digits,   number, position) {
  number = 0
  for (position = 1; position <= length(digits); position++)
    number = number * 16 + index("0123456789abcdef", tolower(substr(digits, position, 1))) - 1
  return number
}
