#!/usr/bin/env bash
# Runs the gate in GitLab CI, and writes a note on the merge request that is updated in place. Reads its settings from
# GATE_… (gitlab-gate.yml). Ends with the exit code of the gate.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=gate-options.sh
source "$here/gate-options.sh"

comment="${GATE_COMMENT_FILE:-bursar-gate.md}"
rm -f "$comment"

code=0
node "$here/../bin/bursar.mjs" gate --markdown="$comment" "${options[@]}" || code=$?

if [ -s "$comment" ] && [ -n "${CI_MERGE_REQUEST_IID:-}" ] && [ -n "${GATE_TOKEN:-}" ]; then
  # The verdict counts also where the note cannot be written.
  node "$here/gitlab-note.mjs" "$comment" || echo 'The note could not be written: GATE_TOKEN needs the scope api, and the role Reporter or more.' >&2
fi
exit "$code"
