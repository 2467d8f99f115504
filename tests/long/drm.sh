#!/bin/bash
# SPDX-License-Identifier: MIT
# The Vulkan driver on a real render node, in a guest (tests/drmlab): what `trueno info` finds through libdrm, and tests of
# the driver's suites that a processor emulated twice over is done with in time.
cd "$(dirname "$0")/../.." && . tests/shell.bash drm

work=${XDG_CACHE_HOME:-$HOME/.cache}/trueno/drmlab
for tool in mmdebstrap zstd xz; do
	command -v $tool >/dev/null || { skip "no $tool; tools/setup long installs what a guest needs"; finish; }
done
[ "$(id -u)" -eq 0 ] || { skip "a guest's root is made by root alone"; finish; }

# The programs, and the libraries they were linked with; the C library is the guest's own.
share=$scratch/share
mkdir -p "$share/lib"
cp "$build/trueno" "$build"/tests/test_vk{,_map,_faults,_trace} "$share"
ldd "$share"/trueno "$share"/test_vk | awk '/=> \// {print $3}' | sort -u |
	grep -vE '/(libc|libm|libdl|libpthread|librt)\.so' | xargs -I{} cp {} "$share/lib"

# suite TEST: one of a suite's tests, its result line in a file of its own.
cat >"$share/guest.sh" <<'EOF'
export LD_LIBRARY_PATH=/mnt/lib TRUENO_DEVICE=vulkan
ls -l /dev/dri >nodes
./trueno info >info 2>&1
suite() { TRUENO_TEST_ONLY=$2 ./$1 >>"log-$1-$2" 2>&1; }
suite test_vk long_batches_are_split
suite test_vk memory_comes_back
suite test_vk devices_are_named
suite test_vk_map fills_write_every_type
suite test_vk_faults a_lost_device_is_lost_for_all
suite test_vk_faults every_wait_may_be_too_long
suite test_vk_trace the_clocks_agree
EOF

start=$SECONDS
check "the guest runs to its end" tests/drmlab/run "$work" "$share"
echo "the guest took $((SECONDS - start)) s"

passes() { # of a test: it ran, and nothing else
	cat "$share/log-$1"
	grep -q '^result suite=.* passed=1 failed=0 skipped=0$' "$share/log-$1"
}
check "there is a render node" grep -q renderD128 "$share/nodes"
check "trueno info names the device" grep -q '^vulkan:0 .*Virtio-GPU' "$share/info"
check "trueno info finds its render node" grep -qE '^  render node +/dev/dri/renderD128$' "$share/info"
check "trueno info names the kernel's driver" grep -qE '^  kernel driver +virtio_gpu ' "$share/info"
check "trueno info has the node's number" grep -qE '^  drm render +226:128$' "$share/info"
for t in test_vk-long_batches_are_split test_vk-memory_comes_back test_vk-devices_are_named \
	test_vk_map-fills_write_every_type test_vk_faults-a_lost_device_is_lost_for_all \
	test_vk_faults-every_wait_may_be_too_long test_vk_trace-the_clocks_agree; do
	check "${t#*-} passes" passes "$t"
done
[ "$failed" -eq 0 ] || cat "$share/info"
finish
