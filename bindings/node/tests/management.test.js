"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { TerminalProgress } = require("../src/progress.js");
const { collect, inTime, managementOf, sdk, signalled, token, workload } = require("./support.js");

const { Backend, OnDrift } = sdk;
const spec = { name: "Bot", slug: "bot", model: "m", backend: Backend.Vllm };

/** Answers like a control plane with this one workload, or none. */
function platform(live) {
  return (request, reply) => {
    if (request.method === "GET") reply.json(live ? [live] : []);
    else if (request.method === "POST") reply.json(workload(), 201);
    else reply.json(workload({ ...request.json(), revision: 2 }));
  };
}

test("an absent workload is created", async (t) => {
  const { server, management } = await managementOf(t, platform());
  const ref = await management.ensure(spec);
  assert.deepEqual([ref.projectSlug, ref.workloadSlug, ref.plan.action], ["acme", "bot", "create"]);
  assert.deepEqual(server.requests.map((request) => request.method), ["GET", "POST"]);
  assert.deepEqual(server.requests[1].json(), { name: "Bot", slug: "bot", backend: "vllm", model_name: "m" });
});

test("every field of a spec has its word on the wire", async (t) => {
  const { server, management } = await managementOf(t, platform());
  await management.ensure({
    ...spec, description: "d", command: "vllm serve m", vllmVersion: "0.10.0", taskType: sdk.TaskType.Text2Text,
    config: { keptAsIs: 1 }, executionPolicy: sdk.ExecutionPolicy.Fixed, executionPolicyConfig: { replicas: 2 },
    workerId: "w", gpuResourceId: "g", project: "other",
  });
  const body = server.requests[1].json();
  assert.equal(server.requests[1].target, "/api/projects/other/workloads");
  assert.deepEqual(
    [body.description, body.task_type, body.execution_policy, body.execution_policy_config, body.worker_id],
    ["d", "text2text", "fixed", { replicas: 2 }, "w"],
  );
  assert.equal(body.gpu_resource_id, "g");
  assert.equal(body.config.keptAsIs, 1);
});

test("drift is patched field by field", async (t) => {
  const { server, management } = await managementOf(t, platform(workload({ description: "old" })));
  const changed = { ...spec, model: "m2", description: "new" };
  const plan = await management.plan(changed);
  assert.ok(plan.hasChanges);
  assert.deepEqual(plan.changes.map((change) => change.field), ["description", "model_name"]);
  assert.deepEqual({ ...plan.changes[1] }, { field: "model_name", from: "m", to: "m2", effect: "rolling" });
  assert.deepEqual((await management.ensure(changed)).plan, plan);
  assert.deepEqual(server.requests.at(-1).json(), { description: "new", model_name: "m2" });
  assert.equal(server.requests.at(-1).headers["if-match"], '"1"');
});

test("each policy of drift", async (t) => {
  const { server, management } = await managementOf(t, platform(workload({ model_name: "other" })));
  const drifted = { name: "ValidationError", message: /^workload drifted from spec: model_name/ };
  await assert.rejects(management.ensure(spec, { onDrift: OnDrift.Fail }), drifted);
  await assert.rejects(management.ensure({ ...spec, onDrift: OnDrift.Fail }), drifted);
  await assert.rejects(management.ensure(spec, OnDrift.Fail), drifted);
  for (const policy of [OnDrift.Ignore, OnDrift.DryRun]) {
    assert.equal((await management.ensure({ ...spec, onDrift: "fail" }, { onDrift: policy })).plan.action, "update");
  }
  assert.deepEqual([...new Set(server.requests.map((request) => request.method))], ["GET"]);
});

test("a warning of drift goes through the process", async (t) => {
  const { management } = await managementOf(t, platform(workload({ model_name: "other" })));
  const warned = new Promise((resolve) => process.once("warning", resolve));
  await management.ensure(spec, { onDrift: "warn" });
  const warning = await inTime(warned);
  assert.deepEqual([warning.name, warning.code], ["DriftWarning", "IK_DRIFT"]);
  assert.match(warning.message, /workload bot drifted from spec: model_name/);
});

test("a secret in a spec is refused", async (t) => {
  const { server, management } = await managementOf(t, platform());
  await assert.rejects(management.ensure({ ...spec, config: { env: { T: token } } }), (error) => {
    assert.ok(error instanceof sdk.ConfigurationError);
    assert.match(error.message, /secrets must never go in specs/);
    assert.ok(!error.message.includes(token));
    return true;
  });
  assert.equal(server.accepted, 0);
});

test("unknown words are refused by their names", async (t) => {
  const { management } = await managementOf(t, platform());
  const refusal = (message) => ({ name: "ValidationError", message });
  await assert.rejects(management.ensure(spec, "sometimes"), refusal(/on_drift: must be one of/));
  await assert.rejects(management.ensure({ ...spec, provider: "x" }), refusal(/provider/));
});

test("reading", async (t) => {
  const { server, management } = await managementOf(t, (request, reply) => {
    if (request.target.endsWith("/status")) {
      reply.json({ desired: 1, ready: 1, status: "ready", revision: 1, replicas: [] });
    } else if (request.target.includes("/logs")) {
      reply.json([{ replica_id: "rep_1", ts: "2026-11-24T08:00:00Z", text: "hello" }]);
    } else reply.json([workload()]);
  });
  const one = await management.get("bot");
  assert.deepEqual([one.backend, one.modelName, one.workloadSlug, one.statusReason], ["vllm", "m", "bot", null]);
  assert.deepEqual((await management.list()).map((other) => other.slug), ["bot"]);
  const report = await management.status("bot");
  assert.deepEqual([report.ready, report.statusReason, report.raw.desired], [1, null, 1]);
  const lines = await collect(management.logs("bot", { tail: 5 }));
  assert.deepEqual(lines.map((line) => [line.replicaId, line.text]), [["rep_1", "hello"]]);
  assert.deepEqual((await collect(await management.logs("bot"))).length, 1);
  server.script = platform();
  assert.equal(await management.delete("bot"), false);
  await assert.rejects(management.get("bot"), sdk.NotFoundError);
});

test("following a log until the loop is left", async (t) => {
  const closed = signalled();
  const { management } = await managementOf(t, (request, reply) => {
    if (!request.target.includes("/logs")) return reply.json([workload()]);
    reply.openEvents();
    reply.event({ replica_id: "rep_1", ts: null, text: "hello" });
    return reply.closed.then(closed.resolve);
  });
  for await (const line of management.logs("bot", { follow: true })) {
    assert.equal(line.text, "hello");
    break;
  }
  await inTime(closed.promise);
});

/** One connection after the other, each with its events. */
function readiness(...bodies) {
  return (_, reply) => reply.events(...bodies.shift());
}

const scheduling = { phase: "scheduling", message: "placing", elapsed_ms: 10 };
const loading = {
  phase: "bootstrapping", message: "fetching", elapsed_ms: 65_000, step: "download_model",
  bytes_done: 500_000_000, bytes_total: 2_000_000_000, eta_ms: 90_000,
};
const ready = { phase: "ready", message: "serving", elapsed_ms: 70_000 };

test("waiting tells each step and reconnects", async (t) => {
  const { management } = await managementOf(t, readiness([scheduling], [scheduling, loading, ready]));
  const seen = [];
  const event = await management.waitUntilReady("bot", { onProgress: (one) => seen.push(one) });
  assert.deepEqual([event.phase, event.elapsedMs, event.step, event.stalled], ["ready", 70_000, null, false]);
  assert.deepEqual(seen.map((one) => one.phase), ["scheduling", "bootstrapping", "ready"]);
  assert.equal(seen[1].bytesTotal, 2_000_000_000);
});

test("waiting for what cannot become ready", async (t) => {
  const failed = { ...ready, phase: "error", message: "no room", cause: "no_capacity" };
  const { management } = await managementOf(t, readiness([failed]));
  const wanted = { name: "ApiError", code: "no_capacity", message: /cannot become ready: no room/ };
  await assert.rejects(management.waitUntilReady("bot", { silent: true }), wanted);
});

test("waiting ends in time, or with its signal", async (t) => {
  const { management } = await managementOf(t, (_, reply) => {
    reply.openEvents();
    reply.event(scheduling);
  });
  const wanted = { name: "TimeoutError", message: /is not ready after 2 s; scheduling: placing/ };
  await assert.rejects(inTime(management.waitUntilReady("bot", { timeout: 2, silent: true })), wanted);
  const controller = new AbortController();
  const { signal } = controller;
  const wait = management.waitUntilReady("bot", { signal, onProgress: () => controller.abort() });
  await assert.rejects(inTime(wait), sdk.CancelledError);
});

test("a callback that throws ends the wait", async (t) => {
  const { management } = await managementOf(t, readiness([scheduling, ready]));
  const fail = () => {
    throw new Error("enough");
  };
  await assert.rejects(management.waitUntilReady("bot", { onProgress: fail }), /^Error: enough$/);
});

test("progress is plain lines where there is no terminal", async (t) => {
  const further = { ...loading, bytes_done: 6e8 };
  const { management } = await managementOf(t, readiness([scheduling, loading, further, ready]));
  const write = process.stderr.write;
  const isTTY = process.stderr.isTTY;
  let written = "";
  process.stderr.isTTY = false;
  process.stderr.write = (text) => (written += text) !== "";
  try {
    await management.waitUntilReady("bot");
  } finally {
    process.stderr.write = write;
    process.stderr.isTTY = isTTY;
  }
  assert.deepEqual(written.trimEnd().split("\n"), [
    "0:00 bot: scheduling · placing",
    "1:05 bot: bootstrapping · fetching · 500.0 MB of 2.0 GB · about 90 s left",
    "1:10 bot: ready · serving",
  ]);
});

test("progress is one live line on a terminal", async (t) => {
  const { management } = await managementOf(t, readiness([scheduling, loading, ready]));
  const stream = { isTTY: true, written: "", write: (text) => (stream.written += text) };
  const progress = new TerminalProgress("bot", stream);
  await management.waitUntilReady("bot", { onProgress: (event) => progress.show(event) });
  progress.finish();
  progress.finish();
  assert.equal(stream.written.split("\n").length - 1, 1);
  assert.equal(stream.written.split("\r\x1b[K").length - 1, 3);
});
