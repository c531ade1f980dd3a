#!/usr/bin/env bash
# Writes the images' locks: for every part exactly the packages that requirements.lock names, with their hashes.
# Usage: deploy/images/lock.sh UV FOLDER
set -euo pipefail
uv=$1 folder=$2
cd "$(dirname "$0")/../.."
compile() {
  "$uv" pip compile --quiet --generate-hashes --python-version 3.11 --no-annotate --no-header "$@"
}
for part in scoring explain embedding portfolio pipeline; do
  compile pyproject.toml --extra "$part" --constraint requirements.lock --output-file "$folder/$part.txt"
done
compile pyproject.toml --extra frontend --constraint requirements.lock --output-file "$folder/dashboard.txt"
compile deploy/images/build-tools.in --output-file "$folder/build-tools.txt"
