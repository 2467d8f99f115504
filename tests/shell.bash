# SPDX-License-Identifier: MIT
# The frame of the shell suites: checks that count, a folder of their own, and the result line tests/run reads.
# Sourced with the suite's name; expects the repository's root as working folder.
set -u
suite=$1
passed=0 failed=0 skipped=0
build=${TRUENO_BUILD:-$PWD/build/release}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# check "what must hold" command…: runs the command; its output is shown only if it fails.
check() {
	local what=$1
	shift
	if "$@" >"$scratch/out" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $suite: $what"
		sed 's/^/     /' "$scratch/out" | head -40
	fi
}

# Fails with what it reads, if it reads anything: for checks that list offenders.
none() {
	! grep .
}

skip() {
	skipped=$((skipped + 1))
	echo "skip $suite: $1"
}

finish() {
	echo "result suite=$suite passed=$passed failed=$failed skipped=$skipped"
	[ "$failed" -eq 0 ]
	exit
}
