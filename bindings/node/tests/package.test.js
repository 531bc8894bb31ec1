"use strict";
// What users install: the packed package on a machine without a compiler, and the folder of a checkout.

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { key } = require("./support.js");

const root = path.join(__dirname, "..");
const places = (process.env.PATH ?? "").split(":");
const npm = places.map((place) => path.join(place, "npm")).find((file) => fs.existsSync(file));
const skip = !npm && "no npm: apt-get install npm";

/** A project without anything, and a way to run npm and Node in it that sees no other program than those. */
function project(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "inferencekey-npm-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, "package.json"), '{"name": "project", "private": true}');
  const programs = path.join(folder, "programs");
  fs.mkdirSync(programs);
  fs.symlinkSync(process.execPath, path.join(programs, "node"));
  fs.symlinkSync("/bin/sh", path.join(programs, "sh"));
  const env = { ...process.env, PATH: programs, npm_config_cache: path.join(folder, "cache") };
  const options = { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  const quiet = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  return {
    folder,
    npm: (...words) => execFileSync(process.execPath, [fs.realpathSync(npm), ...words, ...quiet], options),
    node: (...words) => execFileSync(process.execPath, words, options).trim(),
  };
}

const commonjs = `const { DataClient } = require("@inferencekey/sdk");
  const client = new DataClient({ project: "acme", apiKey: "${key}" });
  console.log(client.endpoint("bot").baseUrl);`;
const module_ = commonjs.replace(/const (.*) = require\((.*)\);/, "import $1 from $2;");
const wanted = "http://127.0.0.1:8080/endpoint/acme/bot/v1";

test("the packed package works without a compiler", { skip }, (t) => {
  const { folder, npm, node } = project(t);
  const [packed] = JSON.parse(npm("pack", root, "--json", "--ignore-scripts"));
  const files = packed.files.map((file) => file.path);
  const built = ["inferencekey.node", "libinferencekey.so"];
  const prebuilt = built.map((name) => `prebuilds/${process.platform}-${process.arch}/${name}`);
  for (const file of ["README.md", "src/index.d.ts", "src/index.d.mts", ...prebuilt]) {
    assert.ok(files.includes(file), `${file} is not in ${files}`);
  }
  assert.deepEqual(files.filter((file) => /^(tests|src\/native)\//.test(file)), []);
  npm("install", `./${packed.filename}`);
  assert.ok(fs.lstatSync(path.join(folder, "node_modules/@inferencekey/sdk")).isDirectory());
  assert.equal(node("-e", commonjs), wanted);
  assert.equal(node("--input-type=module", "-e", module_), wanted);
});

test("the folder of a checkout is installed as it is", { skip }, (t) => {
  const { npm, node } = project(t);
  npm("install", root);
  assert.equal(node("-e", commonjs), wanted);
  assert.equal(node("--input-type=module", "-e", module_), wanted);
});

test("the package depends on nothing", () => {
  const found = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]) {
    assert.equal(found[kind], undefined);
  }
});
