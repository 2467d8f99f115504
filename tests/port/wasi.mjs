// SPDX-License-Identifier: MIT
// Runs a WASI program: node wasi.mjs PROGRAM [ARGUMENT…], with the environment, the working directory and all files as they are.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const wasi = new WASI({
	version: "preview1",
	args: process.argv.slice(2),
	env: process.env,
	preopens: { ".": ".", "/": "/" },
	returnOnExit: true,
});
const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), {
	wasi_snapshot_preview1: wasi.wasiImport,
});
// At once: tearing the engine down after a large program can crash it, long after the results are written.
process.reallyExit(wasi.start(instance));
