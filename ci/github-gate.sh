#!/usr/bin/env bash
# Runs the gate in GitHub Actions: annotations, a summary of the job, and a comment on the pull request that is updated
# in place. Reads its settings from GATE_… (action.yml), and writes the outputs verdict, exit-code and comment. Ends well
# whatever the verdict: a later step fails by it.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=gate-options.sh
source "$here/gate-options.sh"

comment="$(mktemp "${RUNNER_TEMP:-/tmp}/bursar-comment-XXXXXX")"

code=0
node "$here/../bin/bursar.mjs" gate --annotations --markdown="$comment" "${options[@]}" || code=$?

case "$code" in
  0) verdict=pass ;;
  1) verdict=over ;;
  *) verdict=error ;;
esac
{
  printf 'exit-code=%s\n' "$code"
  printf 'verdict=%s\n' "$verdict"
  printf 'comment=%s\n' "$comment"
} >> "${GITHUB_OUTPUT:-/dev/null}"

# Without a result there is nothing to say.
if [ ! -s "$comment" ]; then exit 0; fi
cat "$comment" >> "${GITHUB_STEP_SUMMARY:-/dev/null}"

if [ "${GATE_COMMENT:-true}" != true ]; then exit 0; fi
number="$(jq -r '.pull_request.number // empty' "${GITHUB_EVENT_PATH:-/dev/null}")"
if [ -z "$number" ]; then
  echo 'This is no pull request, so there is nothing to comment on.'
  exit 0
fi

# The first line of a comment is its marker; only those of our own author are updated, whoever else copies it.
MARKER="$(sed -n 1p "$comment")"
AUTHOR="${GATE_COMMENT_AUTHOR:-github-actions[bot]}"
export MARKER AUTHOR

write_comment() {
  local found id
  found="$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100" \
    --jq '.[] | select(.user.login == env.AUTHOR and (.body | startswith(env.MARKER))) | .id')" || return 1
  id="$(sed -n 1p <<< "$found")"
  if [ -n "$id" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$comment"
  else
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" --field "body=@$comment"
  fi
}

# Pull requests from forks may not write: the verdict counts all the same.
if ! write_comment; then
  echo '::warning title=Bursar gate::The comment could not be written. Give the job the permission pull-requests: write; pull requests from forks have none.'
fi
