"use strict";
// Each sample runs as its users run it.

const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const path = require("node:path");
const { test } = require("node:test");
const { promisify } = require("node:util");
const { completion, delta, key, serve, token, workload } = require("./support.js");

async function run(server, name, ...words) {
  const env = {
    ...process.env,
    INFERENCEKEY_BASE_URL: server.url,
    INFERENCEKEY_PROJECT: "acme",
    INFERENCEKEY_API_KEY: key,
    INFERENCEKEY_SDK_TOKEN: token,
  };
  const file = path.join(__dirname, "..", "samples", `${name}.mjs`);
  return (await promisify(execFile)(process.execPath, [file, ...words], { env })).stdout;
}

/** A platform with nothing on it at first. */
function platform() {
  const live = [];
  return (request, reply) => {
    if (request.target.endsWith("/readiness-events")) {
      return reply.events({ phase: "ready", message: "serving", elapsed_ms: 1 });
    }
    if (request.method === "GET") return reply.json(live);
    if (request.method === "DELETE") return reply.json({});
    const body = request.json();
    if (!body.messages) {
      live.push(workload({ slug: body.slug }));
      return reply.json(live[0], 201);
    }
    if (request.target.includes("nobody")) {
      return reply.json({ error: { message: "no such workload", code: "workload_not_found" } }, 404);
    }
    if (!body.stream) return reply.json(completion());
    return reply.events(delta("1 "), delta("2", "stop"), "[DONE]");
  };
}

test("basic", async (t) => {
  assert.equal(await run(await serve(t, platform()), "basic"), "Hola\n");
});

test("streaming", async (t) => {
  assert.equal(await run(await serve(t, platform()), "streaming"), "1 2\n");
});

test("errors", async (t) => {
  const lines = (await run(await serve(t, platform()), "errors")).trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => line.split(":")[0]), ["ValidationError", "NotFoundError", "NetworkError"]);
  assert.match(lines[1], /\(code workload_not_found, request /);
});

test("walkthrough", async (t) => {
  const printed = await run(await serve(t, platform()), "walkthrough", "vllm", "m", "vllm serve m");
  assert.deepEqual(printed.trimEnd().split("\n"), ["plan: create", "answer: Hola", "1 2", "deleted: true"]);
});
