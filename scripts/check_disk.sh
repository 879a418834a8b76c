#!/usr/bin/env bash
# The two environments need about 2.5 GB while they are made.
set -euo pipefail
need_mb=4000
free_mb=$(df -Pm "$1" | awk 'NR==2 {print $4}')
if [ "$free_mb" -lt "$need_mb" ]; then
  echo "Only ${free_mb} MB of disk are free here, ${need_mb} MB are needed. Free some room, or clone onto another disk." >&2
  exit 1
fi
