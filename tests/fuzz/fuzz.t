#!/usr/bin/env bash
# Runs every fuzz target for FUZZ_TIME seconds (make check: a few; make fuzz: minutes); what parses
# the words of strangers has no less than 20.
. "$(dirname "$0")/../lib/tap.sh"

[ -z "$SANITIZE" ] || skip_all "the targets have sanitizers of their own: make check runs them"
targets=("$BUILD"/fuzz/*)
[ -x "${targets[0]}" ] || skip_all "no fuzz targets were built: clang has no -fsanitize=fuzzer here"

# Seeds, so that a short run reaches behind the first check.
mkdir "$scratch/record" "$scratch/words"
seed_record() {
  echo "# tidemark phases 1 boot_id=x monotonic_ns=1 realtime_ns=2"
  sed -n 's/.*{ "\(.*\)", offsetof(struct phase,.*/\1/p' server/base/record.c | paste -sd,
  echo "burst,1,5,6,7,8,10000,10000,0,0,0,0,0,0,0,100,1,2,3,4,5,6,7,8,0"
  echo "gap,1,5,,,8,0,0,0,0,0,0,0,0,0,100,,,,,,,,,0"
}
seed_record >"$scratch/record/seed"
for word in 64,700,4Kx2@200ms,1K@first-byte session quiet=2s drop=50% 1.5MiB 250ms '[::1]:3033' 127.0.0.1:0; do
  echo -n "$word" >"$scratch/words/$word"
done


# Protocol and stage, the size of the pieces, then what a server says.
mkdir "$scratch/answers"
seed_answer() { # NAME FORMAT
  # shellcheck disable=SC2059 # the bytes are the format
  printf "$2" >"$scratch/answers/$1"
}
seed_answer echo '\202\003\000\000\000\000\000\000\000\000'
seed_answer feed '\202\007b\r\nWelcome, 1\n\r\n11\r\nChunk 1 for id 1\n\r\n11\r\nChunk 2 for id 1\n\r\n'
seed_answer feed-head '\001\007HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
seed_answer frames '\200\003\211\002hi\002\003\000\000\000\000\000\200\015\000\000\000\000\000'
seed_answer upgrade '\002\011HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

# Each has a chance of its own: a whole dialog is far from random bytes.
python3 - "$scratch" <<'END'
import os, sys
sys.path.insert(0, "tests/lib")
from websocket_client import frame, request
for name in "http", "websocket":
    os.mkdir(os.path.join(sys.argv[1], name))
head = request("dGhlIHNhbXBsZSBub25jZQ==")
dialogs = {"whole": frame(1, b"text") + frame(2, b"b" * 300) + frame(9, b"ping") + frame(8, b"\x03\xe8"),
           "parts": frame(1, b"\xe2\x82", final=False) + frame(9, b"") + frame(0, b"\xac"),
           "large": frame(2, b"l" * 3000)}
for name, frames in dialogs.items():
    for flags in range(8):
        with open(os.path.join(sys.argv[1], "websocket", "%s-%d" % (name, flags)), "wb") as file:
            file.write(bytes([flags]) + (b"" if flags & 2 else head) + frames)
bodies = {"upgrade": b"", "length": b"Content-Length: 3\r\n", "chunked": b"Transfer-Encoding: chunked\r\n"}
for name, line in bodies.items():
    with open(os.path.join(sys.argv[1], "http", name), "wb") as file:
        file.write(head[:-2] + line + b"\r\n")
END

for target in "${targets[@]}"; do
  name=$(basename "$target")
  time=${FUZZ_TIME:-5}
  case $name in http | websocket) time=$((time > 20 ? time : 20)) ;; esac
  mkdir -p "$scratch/$name"
  ok "$name: $time s without a crash" env TMPDIR="$scratch" "$target" -max_total_time="$time" \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="${FUZZ_CRASHES:-$scratch}/" "$scratch/$name"
  awk '/stat::number_of_executed_units/ { print "# " $2 " inputs" }' "$scratch/.output"
done

done_testing
