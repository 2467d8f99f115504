#!/bin/bash
# SPDX-License-Identifier: MIT
# The rules of the house that a machine can check: who includes whom, sizes, licences, what a library must not do.
# With --complexity: the longest functions and fullest folders, to choose what to simplify next.
cd "$(dirname "$0")/.." && . tests/shell.bash lint

sources() { # folders…: C sources and headers in them
	find "$@" -name '*.[ch]' 2>/dev/null | sort
}

# Lines and name of each function. A body begins and ends with a brace in the first column.
function_sizes() {
	awk 'FNR == 1 {begin = 0}
		/^\{/ {begin = FNR; name = last}
		/^\}/ && begin {print FNR - begin + 1, FILENAME, name; begin = 0}
		/^[a-z].*\(/ {last = $0; sub(/\(.*/, "", last); sub(/.*[ *]/, "", last)}' "$@"
}

C_ALL=$(sources uapi lib simd hub tools bench tests)

if [ "${1:-}" = --complexity ]; then
	echo "longest functions (lines, file, name):"
	function_sizes $C_ALL | sort -rn | head -15
	echo "longest files:"
	wc -l $C_ALL | sort -rn | sed 1d | head -10
	echo "fullest folders:"
	for f in $C_ALL; do dirname "$f"; done | sort | uniq -c | sort -rn | head -5
	exit
fi

# foreign FOLDER REGEX: includes of FOLDER's files with a path from the root that REGEX does not allow.
foreign() {
	grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include "' "$1" 2>/dev/null | grep -vE "include \"($2)"
}
check "uapi includes no file of another folder" none < <(foreign uapi '-')
check "lib includes lib" none < <(foreign lib 'lib/')
check "simd includes simd and the driver contract" none < <(foreign simd 'simd/|lib/(driver|op|pool|trace)\.h"|lib/ops\.def"|lib/ref/')
check "vk includes vk and the driver contract" none < <(foreign vk 'vk/|lib/(driver|dynamic|op|pool|trace)\.h"|lib/ops\.def"|lib/ref/')
check "hub includes hub" none < <(foreign hub 'hub/')
check "tools include tools" none < <(foreign tools/cli 'tools/')
check "bench includes bench and the op table" none < <(foreign bench 'bench/|lib/op\.h"|lib/ops\.def"')
check "uapi knows no third-party library" none < <(
	grep -nE '^#include <' uapi/trueno/*.h | grep -vE '<(trueno/|std|limits|float|string)')
check "one file names the drivers" test "$(grep -lE '\btr__[a-z]+_driver\b' $(sources lib hub tools) | wc -l)" -le 1

check "files have at most 1000 lines" none < <(wc -l $C_ALL | awk '$1 > 1000 && $2 != "total"')
check "functions have at most 60 lines, kernels 120" none < <(
	function_sizes $C_ALL | awk '$1 > ($2 ~ /^simd\/(kernels|levels|vec)\// ? 120 : 60)')
check "every file names its licence" none < <(
	for f in $C_ALL $(find tools tests .ci bench docs lib simd -name '*.sh' -o -name '*.py' -o -name '*.def' 2>/dev/null); do
		head -3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f"
	done)
check "C files say what they do" none < <(
	for f in $C_ALL; do sed -n 2p "$f" | grep -qE '^/\*' || echo "$f: no comment on line 2"; done)
check "nothing is left to do" none < <(grep -nwE 'TODO|FIXME|XXX|HACK' $C_ALL)
check "no space at a line's end" none < <(grep -nE '[[:space:]]+$' $C_ALL Makefile lib/ops.def)
check "the library neither prints nor ends the process" none < <(
	grep -nwE '(abort|exit|_exit|printf|fprintf|puts|putchar|perror|system) ?\(' $(sources lib simd hub) |
		grep -vE '^[^:]+:[0-9]+:[[:space:]]*(/?\*|.*/\*.*\b(exit|abort|printf)\b)')
check "links in the documents lead somewhere" none < <(
	for f in *.md $(find docs -name '*.md' 2>/dev/null); do
		grep -oE '\]\([^)#:]+\)' "$f" | tr -d '()' | sed 's/^\]//' | while read -r to; do
			[ -e "$(dirname "$f")/$to" ] || echo "$f: $to"
		done
	done)
finish
