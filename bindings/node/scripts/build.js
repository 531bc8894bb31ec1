#!/usr/bin/env node
"use strict";
// Builds prebuilds/PLATFORM/: the addon, and beside it the library that it links. In a checkout of the repository; a
// packed package carries the folder and needs no compiler.
//
// Usage: node scripts/build.js [--if-needed]
//        node scripts/build.js --has-headers     only says whether node_api.h and uv.h are there
//
// INFERENCEKEY_LIBRARY names a folder with lib/libinferencekey.so and include/inferencekey.h, CC a compiler.

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const sources = path.join(root, "src", "native");
const place = path.join(root, "prebuilds", `${process.platform}-${process.arch}`);
const addon = path.join(place, "inferencekey.node");
const library = path.join(place, "libinferencekey.so");

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

/** Where the library is; built first where it is not there yet. */
function libraryFolder() {
  const given = process.env.INFERENCEKEY_LIBRARY;
  const repository = path.resolve(root, "..", "..");
  const folder = given ? path.resolve(given) : path.join(repository, ".build-library", "dist");
  if (!fs.existsSync(path.join(folder, "lib", "libinferencekey.so"))) {
    const script = path.join(repository, "scripts", "build-library");
    if (given) fail(`INFERENCEKEY_LIBRARY=${given} has no lib/libinferencekey.so.`);
    if (!fs.existsSync(script)) {
      fail("libinferencekey.so is not there: build in a checkout of the repository, or set INFERENCEKEY_LIBRARY.");
    }
    execFileSync(script, { stdio: ["ignore", "ignore", "inherit"] });
  }
  return folder;
}

/** The folders of node_api.h and uv.h: beside this Node, or Debian's libnode-dev's. Undefined without them. */
function headerFolders() {
  const prefix = path.resolve(fs.realpathSync(process.execPath), "..", "..");
  const candidates = [
    process.env.NODE_INCLUDE,
    path.join(prefix, "include", "node"),
    path.join(prefix, "include", "nodejs", "src"),
    "/usr/local/include/node",
    "/usr/include/node",
    "/usr/include/nodejs/src",
    "/usr/include",
  ].filter(Boolean);
  const names = ["node_api.h", "uv.h"];
  const folders = names.map((name) => candidates.find((folder) => fs.existsSync(path.join(folder, name))));
  return folders.includes(undefined) ? undefined : [...new Set(folders)];
}

/** A compiler that is there. */
function compiler() {
  for (const name of [process.env.CC, "gcc", "cc", "clang"].filter(Boolean)) {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return name;
    } catch {
      continue;
    }
  }
  return fail("no C compiler is there. On Debian: apt-get install gcc libc6-dev. Or set CC.");
}

function build() {
  const headers = headerFolders();
  if (headers === undefined) {
    fail("node_api.h or uv.h is not there. On Debian: apt-get install libnode-dev. Or set NODE_INCLUDE to its folder.");
  }
  const folder = libraryFolder();
  const files = fs.readdirSync(sources).filter((name) => name.endsWith(".c")).sort();
  fs.mkdirSync(place, { recursive: true });
  // Renamed into place: a process that has the old one loaded keeps it.
  fs.copyFileSync(path.join(folder, "lib", "libinferencekey.so"), `${library}.new`);
  fs.renameSync(`${library}.new`, library);
  const flags = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-s", "-fPIC", "-shared", "-fvisibility=hidden"];
  const includes = [path.join(folder, "include"), ...headers].map((name) => `-I${name}`);
  const inputs = files.map((name) => path.join(sources, name));
  const links = [`-L${place}`, "-linferencekey", "-Wl,-rpath,$ORIGIN"];
  const words = [...flags, "-Wall", "-Wextra", ...includes, ...inputs, "-o", `${addon}.new`, ...links];
  execFileSync(compiler(), words, { stdio: "inherit" });
  fs.renameSync(`${addon}.new`, addon);
}

/** Whether something that the addon is made of is newer. A packed package has nothing to build from. */
function isCurrent() {
  if (!fs.existsSync(addon) || !fs.existsSync(library)) return !fs.existsSync(sources);
  const from = process.env.INFERENCEKEY_LIBRARY ?? path.join(root, "..", "..", ".build-library", "dist");
  const inputs = [path.join(from, "lib", "libinferencekey.so")];
  if (fs.existsSync(sources)) inputs.push(...fs.readdirSync(sources).map((name) => path.join(sources, name)));
  const built = fs.statSync(addon).mtimeMs;
  return inputs.every((name) => !fs.existsSync(name) || fs.statSync(name).mtimeMs <= built);
}

if (process.argv.includes("--has-headers")) process.exit(headerFolders() ? 0 : 1);
if (!process.argv.includes("--if-needed") || !isCurrent()) build();
