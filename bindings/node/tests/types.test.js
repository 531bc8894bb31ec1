"use strict";
// index.d.ts, by a real compiler.

const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { promisify } = require("node:util");
const { sdk } = require("./support.js");

const folder = path.join(__dirname, "types");
const isThere = (process.env.PATH ?? "").split(":").some((place) => fs.existsSync(path.join(place, "tsc")));
const skip = !isThere && "no tsc: apt-get install node-typescript";

test("tsc --strict takes what it must, and refuses what it must", { skip }, async () => {
  const done = await promisify(execFile)("tsc", ["--project", folder]).catch((error) => error);
  assert.equal(done.stdout, "");
  assert.equal(done.code, undefined);
});

test("every name that is there is declared, and used by what is compiled", () => {
  const declared = fs.readFileSync(path.join(__dirname, "..", "src", "index.d.ts"), "utf8");
  const values = [...declared.matchAll(/^export (?:const|class|function) (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual(values.sort(), Object.keys(sdk).sort());
  const used = fs.readFileSync(path.join(folder, "every-name.ts"), "utf8");
  const types = [...declared.matchAll(/^export (?:interface|type) (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual([...values, ...types].filter((name) => !new RegExp(`\\b${name}\\b`).test(used)), []);
});
