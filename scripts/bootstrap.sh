#!/usr/bin/env bash
# Put `uv` into .tools/ with nothing but Python: the environments are then made from the lock files.
set -euo pipefail
python="$1" version="$2"
if [ -z "$python" ]; then
  echo "Python 3.11 is missing. Install it: apt-get install python3.11" >&2
  exit 1
fi
if ! "$python" -c 'import sys; raise SystemExit(sys.version_info[:2] < (3, 11))'; then
  echo "Python 3.11 or newer is needed, but $python is $("$python" --version 2>&1). Install it: apt-get install python3.11" >&2
  exit 1
fi
echo "Setting up uv $version in .tools ..."
if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  "$python" -m venv .tools
  .tools/bin/pip --quiet --disable-pip-version-check install "uv==$version"
elif "$python" -m pip --version >/dev/null 2>&1; then
  "$python" -m pip --quiet --disable-pip-version-check install --target .tools/lib "uv==$version"
  mkdir -p .tools/bin && ln -sf ../lib/bin/uv .tools/bin/uv
else
  echo "Python's venv module is missing. Install it and try again: apt-get install python3-venv" >&2
  exit 1
fi
