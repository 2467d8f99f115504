#!/bin/bash
# SPDX-License-Identifier: MIT
# Typed handles: what must compile does, in C11 and C++17, and what must not fails with the words that say why.
cd "$(dirname "$0")/.." && . tests/shell.bash typed

program() { # expression, its type
	printf '#include <trueno/typed.h>\n%s f(tr_f32_2 a, tr_f32_2 b, tr_f32_3 c, tr_f32_1 v, tr_f32_0 s, tr_f64_2 d, tr_i32_2 i, struct tr_tensor *t);\n' "$2"
	printf '%s f(tr_f32_2 a, tr_f32_2 b, tr_f32_3 c, tr_f32_1 v, tr_f32_0 s, tr_f64_2 d, tr_i32_2 i, struct tr_tensor *t)\n' "$2"
	printf '{\n\t(void)a.t, (void)b.t, (void)c.t, (void)v.t, (void)s.t, (void)d.t, (void)i.t, (void)t;\n\treturn %s;\n}\n' "$1"
}
compile() { # language, compiler, standard
	"$2" -x "$1" "-std=$3" -fsyntax-only -Wall -Wextra -Werror -pedantic -Iuapi -I"$build/gen" -
}
compiles() { program "$4" "$5" | compile "$1" "$2" "$3"; }
refuses() { # language, compiler, standard, expression, type, words
	local said
	said=$(program "$4" "$5" | LC_ALL=C compile "$1" "$2" "$3" 2>&1) && return 1
	grep -qE "$6" <<<"$said" || { echo "$said" | head -5; return 1; }
}

good=(
	'TR_ADD(a, b)' tr_f32_2
	'TR_MULTIPLY(TR_SUBTRACT(a, b), s)' tr_f32_2
	'TR_DIVIDE(v, s)' tr_f32_1
	'TR_MATMUL(TR_T(a), b)' tr_f32_2
	'TR_MATMUL(c, c)' tr_f32_3
	'TR_ADD(i, i)' tr_i32_2
	'tr_matvec_f32(a, v)' tr_f32_1
	'tr_sum_f32_3(c, -1)' tr_f32_2
	'tr_as_f64_2(t)' tr_f64_2
	'a.t' 'struct tr_tensor *'
)
# Expression, type, what C's compiler says, what C++'s says.
bad=(
	'TR_ADD(a, d)' tr_f32_2 'TR_ADD: operands differ in type or rank' 'TR_ADD\(.*f32_2.*f64_2'
	'TR_ADD(a, c)' tr_f32_2 'TR_ADD: operands differ in type or rank' 'TR_ADD\(.*f32_2.*f32_3'
	'TR_SUBTRACT(s, a)' tr_f32_0 'TR_SUBTRACT: operands differ in type or rank' 'TR_SUBTRACT'
	'TR_DIVIDE(i, i)' tr_i32_2 'TR_DIVIDE: no typed tensor that it is defined for' 'TR_DIVIDE'
	'TR_MATMUL(v, v)' tr_f32_1 'TR_MATMUL: operands must be matrices' 'TR_MATMUL'
	'TR_MATMUL(a, d)' tr_f32_2 'TR_MATMUL: operands differ in type or rank' 'TR_MATMUL'
	'TR_T(c)' tr_f32_3 'TR_T: the operand must be a matrix' 'TR_T'
	'TR_ADD(a, b)' tr_f32_3 'tr_f32_2.*tr_f32_3' 'tr_f32_2.*tr_f32_3'
	'tr_add_f32_2(a, d)' tr_f32_2 'incompatible type' 'convert'
	'tr_matvec_f32(a, a)' tr_f32_1 'incompatible type' 'convert'
	'a' 'struct tr_tensor *' 'incompatible types' 'convert'
	't' tr_f32_2 'incompatible types' 'convert'
)

cxx=$(command -v c++ || command -v g++)
for ((k = 0; k < ${#good[@]}; k += 2)); do
	check "${good[k]} compiles" compiles c cc c11 "${good[@]:k:2}"
	if [ -n "$cxx" ]; then
		check "${good[k]} compiles as C++" compiles c++ "$cxx" c++17 "${good[@]:k:2}"
	else
		skip "${good[k]} compiles as C++: no C++ compiler"
	fi
done
for ((k = 0; k < ${#bad[@]}; k += 4)); do
	check "${bad[k]} as ${bad[k + 1]} does not compile" refuses c cc c11 "${bad[@]:k:3}"
	if [ -n "$cxx" ]; then
		check "${bad[k]} as ${bad[k + 1]} does not compile as C++" refuses c++ "$cxx" c++17 "${bad[k]}" "${bad[k + 1]}" "${bad[k + 3]}"
	else
		skip "${bad[k]} does not compile as C++: no C++ compiler"
	fi
done
finish
