#!/bin/sh
# Takes out of an environment what no part of ours ever loads, a good tenth of it: tests, examples, C++ headers and source
# maps of the packages, Arrow's RPC library, the locales of languages that we do not speak, Panel's viewers that no page
# of ours has. The tests of the images and of the stack tell when something is missed.
set -eu
packages=$1
find "$packages" -depth -type d -name tests -exec rm -r {} +
find "$packages" -type f -name '*.map' -delete
rm -rf "$packages"/datashader/examples "$packages"/holoviews/examples
rm -rf "$packages"/pyarrow/include "$packages"/pyarrow/src "$packages"/pyarrow/libarrow_flight.so.* \
  "$packages"/pyarrow/libarrow_python_flight.so* "$packages"/pyarrow/_flight.*.so
for viewer in abstractvtkplot aceplot deckglplot perspective; do
  rm -rf "$packages/panel/dist/bundled/$viewer"
done
if [ -d "$packages/babel" ]; then
  find "$packages/babel/locale-data" -type f ! -name 'root.dat' ! -name 'fr*.dat' ! -name 'en*.dat' -delete
fi
