#!/bin/bash
# Conversations over TLS, each captured at the server, with what the programs printed. Run as root:
# ./record.sh DIRECTORY [CONVERSATION…]; all of them when none is named. For each one: NAME.pcap and NAME.log. Namespaces of
# its own; two minutes. The captures beside this script: ./record.sh . , without the logs. Of long frames the captures hold the
# beginnings. Needs restic, restic-rest-server, openssl 3.4, curl, tcpdump and Wireshark's editcap and mergecap.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/../../testing/recording.sh"
each_conversation 'backup restore snapshots expired restarted download-1.2 unknown-ca protocol-version handshake-failure retry resumed not-spoken' "$@"
out=$1 work=$2 name=$3
two_hosts
export RESTIC_REPOSITORY=rest:https://10.9.0.1:8000/ RESTIC_PASSWORD=Passw0rd.lab RESTIC_PROGRESS_FPS=0.01 HOME=$work
store=$work/store log=$out/$name.log
mkdir "$store"
: > "$log"; : > "$work/server.log"

# An authority, and certificates that it signs: NAME BEGIN END.
key() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -quiet "$@"; }
key -x509 -keyout "$work/authority.key" -out "$work/authority.pem" -subj '/CN=lab authority' -not_before 20200101000000Z -not_after 20991231000000Z
certificate() {
  key -keyout "$work/$1.key" -out "$work/request" -subj /CN=store.lab
  openssl x509 -req -in "$work/request" -CA "$work/authority.pem" -CAkey "$work/authority.key" -out "$work/$1.pem" -not_before "$2" -not_after "$3" \
    -extfile <(echo 'subjectAltName=IP:10.9.0.1,DNS:store.lab') 2> /dev/null
}
certificate good 20200101000000Z 20991231000000Z
certificate old 20200101000000Z 20210101000000Z
serve() { serve_store "$store" --no-auth --tls --tls-cert "$work/$1.pem" --tls-key "$work/$1.key"; } # CERTIFICATE
# OpenSSL's own server: files of this folder, as a web server has them.
serve_files() { # OPTION…
  head -c 300000 /dev/urandom > "$work/file"
  (cd "$work" && exec openssl s_server -accept 10.9.0.1:8000 -cert good.pem -key good.key -WWW "$@") >> "$work/server.log" 2>&1 & server=$!
  wait_for s_server bash -c "ss -ltn | grep -q 10.9.0.1:8000"
}
client() { ip netns exec client "$@"; }
quietly() { client restic --no-cache -q --cacert "$work/authority.pem" "$@" > /dev/null 2>&1; }
logged() {
  echo "\$ $*" >> "$log"
  local status=0
  client "$@" >> "$log" 2>&1 < /dev/null || status=$?
  echo "exit status $status" >> "$log"
}
restic() { logged restic --no-cache --cacert "$work/authority.pem" "$@"; }
begin() {
  echo "\$ restic $*" >> "$log"
  ip netns exec client restic --no-cache --cacert "$work/authority.pem" "$@" >> "$log" 2>&1 & running=$!
}
fetch() { logged curl -sS --http1.1 -o /dev/null --resolve store.lab:8000:10.9.0.1 "$@" https://store.lab:8000/file; }
save=(backup --host pc --stdin-filename /part-1.raw --stdin-from-command -- cat "$work/image")
image() { head -c "$1" /dev/urandom > "$work/image"; }

case $name in
  backup) serve good; image 3000000; quietly init; capture; restic "${save[@]}" ;;
  restore)
    serve good; image 3000000; quietly init; quietly "${save[@]}"; capture
    restic dump --target "$work/back" latest /part-1.raw
    cmp "$work/image" "$work/back"
    ;;
  snapshots) serve good; image 60000; quietly init; quietly "${save[@]}"; capture; restic snapshots ;;
  # restic tries again until it is told to stop.
  expired)
    serve old; capture
    begin snapshots
    wait_for 'two refusals' bash -c "[ \$(grep -c 'has expired' '$log') -ge 2 ]"
    kill -INT $running; wait $running || true
    ;;
  # The server is killed while a backup is under way, and is back after two seconds.
  restarted)
    serve good; quietly init; image 24000000; mkfifo "$work/pipe"
    capture
    begin backup --pack-size 4 --host pc --stdin-filename /part-1.raw --stdin-from-command -- cat "$work/pipe"
    exec 3> "$work/pipe"
    head -c 16000000 "$work/image" >&3
    wait_for 'a pack' bash -c "find '$store/data' -type f -size +100k | grep -q ."
    kill -KILL $server; wait $server || true
    tail -c +16000001 "$work/image" >&3; exec 3>&-
    wait_for 'a refused connection' grep -q 'connection refused' "$log"
    sleep 2
    serve good
    wait $running || true
    ;;
  download-1.2) serve_files; capture; fetch --cacert "$work/authority.pem" --tls-max 1.2 ;;
  unknown-ca) serve_files; capture; fetch --tls-max 1.2 ;;
  protocol-version) serve_files -tls1_3; capture; fetch --cacert "$work/authority.pem" --tls-max 1.2 ;;
  handshake-failure)
    serve_files -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384; capture
    fetch --cacert "$work/authority.pem" --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256
    ;;
  # The client's first key is of a group that the server does not take.
  retry) serve_files -groups P-384; capture; fetch --cacert "$work/authority.pem" --curves X25519:P-384 ;;
  # Twice, the second time with what the first one left.
  resumed)
    serve_files; capture
    for session in -sess_out -sess_in; do
      logged bash -c "echo 'GET /file HTTP/1.0' | openssl s_client -connect 10.9.0.1:8000 -servername store.lab -tls1_2 -ign_eof $session '$work/session' > /dev/null"
    done
    ;;
  not-spoken)
    restic-rest-server --no-auth --path "$store" --listen 10.9.0.1:8000 >> "$work/server.log" 2>&1 &
    wait_for rest-server grep -q 'start server' "$work/server.log"
    capture
    fetch
    ;;
  *) echo "no conversation is named $name" >&2; exit 2 ;;
esac
end_capture "$out/$name.pcap"
