"use strict";
// What the tests have in common.

const { LoopbackServer } = require("./loopback.js");
const sdk = require("@inferencekey/sdk");

for (const name of Object.keys(process.env)) {
  if (name.startsWith("INFERENCEKEY_")) delete process.env[name];
}

const secret = "0123456789abcdef".repeat(4);
const token = `ik_sdk_a1b2c3d4_${secret}`;
const key = `ik_live_0badcafe_${secret}`;

/** A server of its own for the test, stopped after it. */
async function serve(test, script) {
  const server = await new LoopbackServer(script ?? ((request, reply) => reply.json({}))).start();
  test.after(() => server.stop());
  return server;
}

/** The endpoint of a server with that script. */
async function endpointOf(test, script, options = {}) {
  const server = await serve(test, script);
  const client = new sdk.DataClient({ baseUrl: server.url, project: "acme", apiKey: key, maxRetries: 0, ...options });
  return { server, client, endpoint: client.endpoint("support-bot") };
}

/** A client of the control plane of a server with that script. */
async function managementOf(test, script, options = {}) {
  const server = await serve(test, script);
  const given = { baseUrl: server.url, project: "acme", sdkToken: token, maxRetries: 0, ...options };
  return { server, management: new sdk.ManagementClient(given) };
}

/** Rejects when the promise takes longer than any of this may take. */
async function inTime(promise, seconds = 10) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A promise and what resolves it. */
function signalled() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

function completion(text = "Hola", more = {}) {
  const choice = { index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" };
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  return { id: "c-1", object: "chat.completion", model: "m", choices: [choice], usage, ...more };
}

function delta(text, finish = null) {
  return { choices: [{ index: 0, delta: { content: text }, finish_reason: finish }] };
}

function workload(more = {}) {
  return {
    id: "wl_1", name: "Bot", description: null, slug: "bot", project_id: "prj_1", project_slug: "acme",
    workload_slug: "bot", task_type: "text2text", backend: "vllm", model_name: "m", config: null,
    worker_id: null, gpu_resource_id: null, execution_policy: "fixed", execution_policy_config: null,
    revision: 1, status: "ready", status_reason: null, replacement: "rolling",
    created_at: "2026-11-24T08:00:00Z", updated_at: "2026-11-24T08:00:00Z", ...more,
  };
}

module.exports = {
  collect, completion, delta, endpointOf, inTime, key, managementOf, sdk, serve, signalled, token, workload,
};
