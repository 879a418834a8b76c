#!/usr/bin/env bash
# scripts/release.sh 1.2.0: everything that must hold before a release, then the version, the change log and a signed-off tag.
# Nothing leaves this machine: push the commit and the tag yourself.
set -euo pipefail
version="${1:?say the version, for instance: scripts/release.sh 1.2.0}"
[[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || { echo "A version has three numbers: 1.2.0, not $version." >&2; exit 1; }
cd "$(dirname "$0")/.."
[[ -z "$(git status --porcelain)" ]] || { echo "Commit or stash your changes first: a release is what is committed." >&2; exit 1; }
git rev-parse -q --verify "refs/tags/v$version" >/dev/null && { echo "v$version exists already." >&2; exit 1; }
grep -q '^## Unreleased' CHANGELOG.md || { echo "CHANGELOG.md has no section \"## Unreleased\"." >&2; exit 1; }

make check test eval

today="$(date +%F)"
sed -i "s/^## Unreleased.*/## Unreleased\n\n## $version ($today)/" CHANGELOG.md
sed -i "0,/^version = .*/s//version = \"$version\"/" pyproject.toml
sed -i "s/^version: .*/version: $version/; s/^date-released: .*/date-released: \"$today\"/" CITATION.cff
uv lock
git commit -am "Release $version"
git tag -a "v$version" -m "Safe-migration assistant $version"
echo "v$version is tagged. Look at it (git show v$version), then: git push --follow-tags"
