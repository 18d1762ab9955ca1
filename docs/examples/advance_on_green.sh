#!/bin/sh
# Runs a test command. If the newest instance of a feature is in the phase `test`, it is advanced when the tests
# pass, and failed with the end of their output when they do not. Ends with the tests' own exit code.
#
#     advance_on_green.sh user-auth pytest -q
#
# As a hook of git: call it from .git/hooks/post-commit.

feature=$1
shift
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT

"$@" >"$output" 2>&1
code=$?
cat "$output"

# --expect refuses (exit code 4) if the instance is in another phase: then these tests say nothing about it.
if [ "$code" -eq 0 ]; then
    chatflow next "@$feature" --expect test --data exit_code=0 command="$*"
else
    tail -n 20 "$output" | chatflow fail "@$feature" - --expect test
fi
exit "$code"
