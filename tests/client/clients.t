#!/usr/bin/env bash
# What people really use, with our server: curl and wrk read the feed; the npm package ws and a page
# in a browser speak WebSocket.
. "$(dirname "$0")/../lib/tap.sh"

node_modules=$BUILD/client

here() {
  command -v "$1" >/dev/null || { skip "$1" "there is no $1"; return 1; }
}

# answers STATUS CURL-OPTIONS...
answers() {
  local wanted=$1
  shift
  is "curl: $wanted for $(echo "$*" | cut -c1-30 | sed 's#http://[^/]*##')" "$(curl -s -m 20 -o /dev/null -w '%{http_code} %{http_version}' "$@")" "$wanted 1.1"
}

feed() {
  local url=http://127.0.0.1:$port
  for id in a b; do
    curl -sN -D "$scratch/$id.head" "$url/test/$id" >"$scratch/$id" &
  done
  for id in a b; do
    ok "curl reads three chunks of $id" eventually grep -q "Chunk 3 for id $id" "$scratch/$id"
    is "$id: in order" "$(head -n 4 "$scratch/$id")" \
      "Hello, id $id"$'\n'"Chunk 1 for id $id"$'\n'"Chunk 2 for id $id"$'\n'"Chunk 3 for id $id"
    ok "$id: chunked" grep -qi '^transfer-encoding: chunked' "$scratch/$id.head"
  done
  answers 405 -I "$url/test/1"
  answers 405 -X POST -d x "$url/test/1"
  answers 404 "$url/other"
  answers 400 -H "Host:" "$url/test/1"
  answers 505 -0 "$url/test/1"
  answers 431 -H "X: $(printf 'y%.0s' {1..9000})" "$url/test/1"
}

# An answer never ends, so wrk counts no request and no latency; what it tells is that it could
# connect, and how many bytes it read meanwhile.
feed_wrk() {
  wrk -t 1 -c 20 -d 2s --timeout 1s "http://127.0.0.1:$port/test/w" >"$scratch/wrk" 2>&1
  ok "wrk reads the feed" grep -Eq ', [0-9.]+[KM]?B read' "$scratch/wrk"
  ok "wrk: all could connect and read" \
    sh -c "! grep 'Socket errors' '$scratch/wrk' | grep -v 'connect 0, read 0, write 0'"
}

start_server glibc --protocol feed
here curl && feed
here wrk && feed_wrk
stop "$server"

start_server glibc --protocol websocket
if here node; then
  if [ -d "$node_modules/node_modules/ws" ]; then
    ok "the npm package ws" node tests/client/ws.js "$node_modules" "$port"
    sed 's/^/# /' "$scratch/.output"
  else
    skip "the npm package ws" "it is not installed below $node_modules: the registry did not answer"
  fi
fi
if python3 -c 'import sys; sys.path.insert(0, "tests/client"); import browser; sys.exit(not browser.find())'; then
  ok "a page in a browser" env TMPDIR="$scratch" python3 tests/client/websocket_page.py "$port"
  sed 's/^/# /' "$scratch/.output"
else
  skip "a page in a browser" "there is no Chromium"
fi
stop "$server"

done_testing
