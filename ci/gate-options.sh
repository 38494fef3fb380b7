# shellcheck shell=bash
# Makes the options of `bursar gate` of the environment: sets the array `options`. Read by the scripts beside this one.

options=()

# $1: option, $2: its value; nothing where that is empty.
option() {
  if [ -n "$2" ]; then options+=("$1=$2"); fi
}

# $1: option, $2: values, one a line.
options_of_lines() {
  local line
  while IFS= read -r line; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    option "$1" "$line"
  done <<< "$2"
}

option --policy "${GATE_POLICY:-}"
option --project "${GATE_PROJECT:-}"
option --model "${GATE_MODEL:-}"
option --region "${GATE_REGION:-}"
option --usage "${GATE_USAGE:-}"
option --needs "${GATE_NEEDS:-}"
option --or "${GATE_OR:-}"
option --warn-at "${GATE_WARN_AT:-}"
option --committed "${GATE_COMMITTED:-}"
option --limit "${GATE_LIMIT:-}"
option --prices "${GATE_PRICES:-}"
option --stack "${GATE_STACK:-}"
option --stack-region "${GATE_STACK_REGION:-}"
option --comment-key "${GATE_COMMENT_KEY:-}"
option --sarif "${GATE_SARIF:-}"
options_of_lines --parameter "${GATE_PARAMETERS:-}"
if [ "${GATE_FAIL_ON_UNPRICED:-false}" = true ]; then options+=(--fail-on-unpriced); fi

# What a change adds has no base yet.
while IFS= read -r base; do
  base="${base#"${base%%[![:space:]]*}"}"
  base="${base%"${base##*[![:space:]]}"}"
  if [ -n "$base" ] && [ -e "$base" ]; then
    options+=("--base=$base")
  elif [ -n "$base" ]; then
    printf 'There is no %s: what stands in its place is new.\n' "$base" >&2
  fi
done <<< "${GATE_BASE:-}"

# Paths come last, after `--`: no name of a file is ever read as an option.
options+=(--)
while IFS= read -r path; do
  path="${path#"${path%%[![:space:]]*}"}"
  path="${path%"${path##*[![:space:]]}"}"
  if [ -n "$path" ]; then options+=("$path"); fi
done <<< "${GATE_PATHS:-}"
