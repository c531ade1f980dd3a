#!/usr/bin/env bash
# Generates the Python contracts from the .proto files: messages, services and their type stubs.
# Usage: protos/generate.sh PYTHON [OUTPUT_FOLDER]
set -euo pipefail
python=$1
cd "$(dirname "$0")"
out=${2:-../services/common/generated}
mkdir -p "$out"
find "$out" -name '*_pb2*' -delete
PATH="$(dirname "$(command -v "$python")"):$PATH" "$python" -m grpc_tools.protoc --proto_path=. \
  --python_out="$out" --grpc_python_out="$out" --mypy_out="$out" --mypy_grpc_out="$out" \
  $(find . -name '*.proto' | sort)
