# Lists the images in a WIM's XML: index, total bytes, architecture code (or -) and name, separated by tabs. Splits at `<`: a
# record is a tag and the text after it.
BEGIN { RS = "<"; FS = ">" }
function text(value) {
  gsub(/[\t\r\n]/, " ", value)
  gsub(/&lt;/, "<", value); gsub(/&gt;/, ">", value); gsub(/&quot;/, "\"", value); gsub(/&apos;/, "'", value); gsub(/&amp;/, "\\&", value)
  return value
}
$1 ~ /^IMAGE / { split($1, part, "\""); index_ = part[2]; name = ""; bytes = 0; architecture = "-" }
index_ != "" && $1 == "NAME" { name = text($2) }
index_ != "" && $1 == "TOTALBYTES" { bytes = $2 }
index_ != "" && $1 == "ARCH" && $2 ~ /^[0-9]+$/ { architecture = $2 }
$1 == "/IMAGE" { printf "%s\t%s\t%s\t%s\n", index_, bytes, architecture, name; index_ = "" }
