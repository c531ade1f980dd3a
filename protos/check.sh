#!/usr/bin/env bash
# Contracts: buf's style, nothing broken since the released ones, generated code current. Usage: protos/check.sh BIN_FOLDER
set -euo pipefail
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")"
"$bin/buf" lint .
"$bin/buf" breaking . --against released.binpb
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
./generate.sh "$bin/python" "$fresh" 2> /dev/null
diff -r --exclude=__pycache__ "$fresh" ../services/common/generated || { echo "Generated contracts are not current: run 'make protos'." >&2; exit 1; }
