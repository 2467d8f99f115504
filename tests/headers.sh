#!/bin/bash
# SPDX-License-Identifier: MIT
# Every public header compiles alone, as strict C11 and as C++17, and includes nothing but libc and its siblings.
cd "$(dirname "$0")/.." && . tests/shell.bash headers

compile() { # language, compiler and flags…, header: twice, for the include guard
	local language=$1 header=${*: -1}
	printf '#include <trueno/%s>\n#include <trueno/%s>\nint use;\n' "$header" "$header" |
		"${@:2:$#-2}" -x "$language" -fsyntax-only -Wall -Wextra -pedantic -Werror -Iuapi -I"$build/gen" -
}

foreign_includes() {
	sed -n 's/^#include //p' "$1" |
		grep -vE '^<(trueno/[a-z_0-9]+|std(bool|def|int|arg)|limits|float|string)\.h>$'
}

cxx=$(command -v c++ || command -v g++)
for path in uapi/trueno/*.h "$build"/gen/trueno/*.h; do
	header=${path##*/}
	check "$header as C11" compile c cc -std=c11 "$header"
	if [ -n "$cxx" ]; then
		check "$header as C++17" compile c++ "$cxx" -std=c++17 "$header"
	else
		skip "$header as C++17: no C++ compiler"
	fi
	check "$header includes libc and its siblings only" none < <(foreign_includes "$path")
done
finish
