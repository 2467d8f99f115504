#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles vk/coop/gemm.comp to vk/coop/modules.h, with a compiler newer than the build's.

Fetches Debian 13's glslang and SPIRV-Tools with the libraries they need into a folder (build/coop unless named), installs
nothing, checks the modules with spirv-val, and writes them beside hashes of their source and of themselves, by which
tests/test_vk_units.c finds a stale one. Needs apt-get and dpkg, and Debian's archive keys.

Usage: tools/gen/coop.py [folder]
"""

import glob
import os
import struct
import subprocess
import sys

SOURCE = "vk/coop/gemm.comp"
TARGET = "vk/coop/modules.h"
PACKAGES = ["glslang-tools", "spirv-tools", "libc6", "libstdc++6", "libgcc-s1"]
RELEASE = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main\n"
# Operands' type, type of the sums, k of a multiplication, bytes of an element, to and from bits.
MODULES = {
    "f16": ("float16_t", "float", "16", "2u", "uintBitsToFloat(v)", "floatBitsToUint(v)"),
    "i8": ("int8_t", "int", "32", "1u", "int(v)", "uint(v)"),
    "u8": ("uint8_t", "uint", "32", "1u", "v", "v"),
}


def fetch(folder):
    """The packages, unpacked into folder/root."""
    for part in ("etc", "lists/partial", "archives/partial", "packages", "root"):
        os.makedirs(f"{folder}/{part}", exist_ok=True)
    with open(f"{folder}/etc/sources.list", "w") as f:
        f.write(RELEASE)
    open(f"{folder}/status", "w").close()
    with open(f"{folder}/apt.conf", "w") as f:
        f.write(f'Dir::Etc "{folder}/etc";\nDir::State::lists "{folder}/lists";\n'
                f'Dir::State::status "{folder}/status";\nDir::Cache "{folder}";\n')
    environment = dict(os.environ, APT_CONFIG=f"{folder}/apt.conf")
    subprocess.run(["apt-get", "update"], check=True, env=environment)
    subprocess.run(["apt-get", "download", *PACKAGES], check=True, env=environment, cwd=f"{folder}/packages")
    for package in glob.glob(f"{folder}/packages/*.deb"):
        subprocess.run(["dpkg", "-x", package, f"{folder}/root"], check=True)


def run(folder, tool, *args):
    """One of the tools with the libraries it was made for; what it prints."""
    lib = f"{folder}/root/usr/lib/x86_64-linux-gnu"
    command = [f"{lib}/ld-linux-x86-64.so.2", "--library-path", lib, f"{folder}/root/usr/bin/{tool}", *args]
    r = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if r.returncode:
        sys.exit(f"{tool}: {r.stdout}")
    return r.stdout


def fnv(data):
    """FNV-1a, as tr__vk_hash."""
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return h


def compile_module(folder, name):
    element, total, depth, size, from_bits, to_bits = MODULES[name]
    path = f"{folder}/{name}.spv"
    run(folder, "glslangValidator", "--target-env", "vulkan1.2", "-S", "comp", f"-DTYPE={element}", f"-DSUM={total}",
        f"-DDEPTH={depth}", f"-DELEMENT={size}", f"-DFROM_BITS(v)={from_bits}", f"-DTO_BITS(v)={to_bits}", SOURCE,
        "-o", path)
    run(folder, "spirv-opt", "--strip-debug", path, "-o", path)
    run(folder, "spirv-val", "--target-env", "vulkan1.2", path)
    with open(path, "rb") as f:
        return f.read()


def main():
    folder = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/coop")
    if not os.path.exists(f"{folder}/root/usr/bin/glslangValidator"):
        fetch(folder)
    with open(SOURCE, "rb") as f:
        source = fnv(f.read())
    tools = [run(folder, "glslangValidator", "--version").splitlines()[0].split(": ")[1],
             run(folder, "spirv-val", "--version").splitlines()[0].split(" unknown")[0]]
    out = ["/* SPDX-License-Identifier: MIT */", "/*",
           f" * Written by tools/gen/coop.py from {SOURCE}: compiled by glslang {tools[0]}, found valid by",
           f" * {tools[1]}. Hashes are tr__vk_hash of the source and of the words.", " */",
           "#ifndef TR_VK_COOP_MODULES_H", "#define TR_VK_COOP_MODULES_H", "", "#include <stddef.h>", "#include <stdint.h>", "",
           f"#define TR_VK_COOP_SOURCE 0x{source:016x}", ""]
    rows = []
    for name in MODULES:
        data = compile_module(folder, name)
        words = struct.unpack(f"<{len(data) // 4}I", data)
        out.append(f"static const uint32_t tr__vk_coop_{name}[] = {{")
        out += ["\t" + " ".join(f"0x{w:x}," for w in words[i:i + 12]) for i in range(0, len(words), 12)]
        out += ["};", ""]
        rows.append(f'\t{{"{name}", tr__vk_coop_{name}, {len(words)}, 0x{fnv(data):016x}}},')
    out += ["static const struct tr_vk_module {", "\tconst char *name;", "\tconst uint32_t *words;", "\tsize_t n;",
            "\tuint64_t hash;", "} tr__vk_modules[] = {", *rows, "};", "", "#endif", ""]
    with open(TARGET, "w") as f:
        f.write("\n".join(out))


if __name__ == "__main__":
    main()
