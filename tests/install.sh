#!/bin/bash
# SPDX-License-Identifier: MIT
# An installed copy, as a user meets it: staged by DESTDIR, found by pkg-config, linked shared and static with the
# README's example, whose output is what the README says; and what the shared library exports.
cd "$(dirname "$0")/.." && . tests/shell.bash install

# No part of the make that runs the tests.
plain_make() { env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make --no-print-directory "$@"; }

fenced() { # the first ```$1 block of the README
	awk -v mark="\`\`\`$1" '/^```/ && on {exit} on {print} $0 == mark {on = 1}' README.md
}

check "a second make has nothing to do" none < <(plain_make V=1 all)

prefix=$scratch/prefix
check "make install PREFIX=" plain_make install PREFIX="$prefix"
check "make install DESTDIR=" plain_make install DESTDIR="$scratch/stage" PREFIX=/opt/trueno
check "the stage holds all under the prefix" test "$(ls "$scratch/stage")" = opt
check "the staged trueno.pc says the prefix alone" grep -qx prefix=/opt/trueno \
	"$scratch/stage/opt/trueno/lib/pkgconfig/trueno.pc"
check "the same files in both" diff <(cd "$prefix" && find . | sort) \
	<(cd "$scratch/stage/opt/trueno" && find . | sort)

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
check "pkg-config knows trueno" pkg-config --exists --print-errors trueno
check "pkg-config's version is the header's" test "$(pkg-config --modversion trueno)" = \
	"$(awk '/define TR_VERSION_/ {v = v d $3; d = "."} END {print v}' uapi/trueno/types.h)"

fenced c >"$scratch/example.c"
fenced text >"$scratch/expected"
check "the README has an example with its output" test -s "$scratch/example.c" -a -s "$scratch/expected"

build_example() { # output, flags…
	local out=$1
	shift
	cc -std=c11 -Wall -Wextra -Werror "$scratch/example.c" -o "$out" "$@"
}
same_output() {
	diff "$scratch/expected" <(LD_LIBRARY_PATH=$prefix/lib "$1")
}

# shellcheck disable=SC2046
check "the example links shared" build_example "$scratch/shared" $(pkg-config --cflags --libs trueno)
check "the example runs shared" same_output "$scratch/shared"
check "it needs the soname" grep -q 'NEEDED.*libtrueno\.so\.0' <(objdump -p "$scratch/shared")
# shellcheck disable=SC2046
# libtrueno alone: Debian has no static libzip.
check "the example links static" build_example "$scratch/static" $(pkg-config --cflags --libs-only-L trueno) \
	-Wl,-Bstatic -ltrueno -Wl,-Bdynamic $(pkg-config --libs $(pkg-config --print-requires-private trueno)) -lm -pthread
check "the example runs static" same_output "$scratch/static"

if [ -e "$build/trueno" ]; then
	check "the installed program runs" "$prefix/bin/trueno" version
fi
for page in "$prefix"/share/man/man*/*; do
	if command -v mandoc >/dev/null; then
		check "${page##*/} is well-formed" mandoc -T lint -W error "$page"
	else
		skip "${page##*/} is well-formed: no mandoc"
	fi
done

# What is exported is what the headers promise: no more, no less.
nm -D --defined-only "$prefix/lib/libtrueno.so" | awk '$2 ~ /[TDRBV]/ {sub(/@.*/, "", $3); print $3}' |
	sort -u >"$scratch/exported"
for h in "$prefix"/include/trueno/*.h; do echo "#include <trueno/${h##*/}>"; done |
	cc -E -P -I"$prefix/include" '-D__GNUC__=4' -xc - 2>/dev/null | tr -d '\n' | tr ';' '\n' |
	grep 'visibility *("default")' | grep -o '\btr_[a-z0-9_]* *(' | tr -d ' (' | sort -u >"$scratch/declared"
check "the headers declare functions" test -s "$scratch/declared"
check "every declared function is exported" none < <(comm -23 "$scratch/declared" "$scratch/exported")
check "nothing else is exported" none < <(comm -13 "$scratch/declared" "$scratch/exported")

check "make uninstall" plain_make uninstall PREFIX="$prefix"
check "uninstalling leaves no file" none < <(find "$prefix" ! -type d)
finish
