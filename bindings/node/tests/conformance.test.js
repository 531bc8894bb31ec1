"use strict";
// Every vector of conformance/: the decisions through the core, the requests through the package's own methods.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { after, test } = require("node:test");
const { decide } = require("../src/native.js");
const { RecordingServer } = require("./recording.js");
const { sdk, inTime } = require("./support.js");
const { perform } = require("./wire.js");

const folder = path.join(__dirname, "..", "..", "..", "conformance");
const files = fs.readdirSync(folder).filter((name) => name.endsWith(".json"));
const subjects = files.map((name) => name.slice(0, -5)).sort();
const cases = (subject) => JSON.parse(fs.readFileSync(path.join(folder, `${subject}.json`), "utf8")).cases;
const kinds = {
  configuration: sdk.ConfigurationError,
  validation: sdk.ValidationError,
  authentication: sdk.AuthError,
  permission_denied: sdk.PermissionDenied,
  not_found: sdk.NotFoundError,
  rate_limited: sdk.RateLimitError,
  api: sdk.ApiError,
  network: sdk.NetworkError,
  timeout: sdk.TimeoutError,
  cancelled: sdk.CancelledError,
};

/** The message as this language spells the arguments in it. */
function spelled(message) {
  const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return message.replace(/\{argument:([a-z_]+)\}/g, (_, name) => `{ ${camel(name)} }`);
}

function checkError(found, wanted, kind) {
  assert.equal(kind, wanted.kind);
  const start = spelled(wanted.message);
  assert.ok(found.message.startsWith(start), `${found.message}\ndoes not start with\n${start}`);
  if ("code" in wanted) assert.equal(found.code ?? null, wanted.code);
}

function checkEvents({ text }, expect) {
  const size = Buffer.byteLength(text);
  const places = Array.from({ length: size + 1 }, (_, place) => place);
  for (const cuts of [...places.map((place) => [place]), places.slice(0, size)]) {
    assert.deepEqual(decide("sse", { text, cuts }), expect, `cut at ${cuts}`);
  }
}

function checkDecision(subject, given, expect) {
  if (subject === "sse") return checkEvents(given, expect);
  const found = decide(subject, subject === "configuration" ? { ...given, language: "node" } : given);
  // Where nothing but the error is expected its message is a start; elsewhere errors are compared whole.
  if (["spec-checks", "configuration", "webhooks"].includes(subject) && expect.error) {
    const wanted = { kind: found.error.kind, message: "", ...expect.error };
    return checkError(found.error, wanted, found.error.kind);
  }
  return assert.deepEqual(found, expect);
}

/** Fails unless everything that is wanted was found; of objects only the members that are wanted count. */
function checkContains(found, wanted, place = "result") {
  if (wanted === null || typeof wanted !== "object" || Array.isArray(wanted) !== Array.isArray(found)) {
    return assert.deepEqual(found, wanted, place);
  }
  if (Array.isArray(wanted)) assert.equal(found.length, wanted.length, `${place}.length`);
  for (const [name, value] of Object.entries(wanted)) checkContains(found?.[name], value, `${place}.${name}`);
  return undefined;
}

async function checkRequests(given, expect) {
  const known = ["answers", "arguments", "client", "operation", "plane"];
  assert.deepEqual(Object.keys(given).sort(), known);
  const server = await new RecordingServer(given.answers).start();
  try {
    const call = inTime(perform(given, server.url), 30);
    if (expect.error) {
      const error = await call.then((result) => assert.fail(`it gave ${JSON.stringify(result)}`), (reason) => reason);
      const kind = Object.keys(kinds).find((name) => kinds[name] === error.constructor);
      assert.ok(kind, error.stack);
      checkError(error, expect.error, kind);
    } else {
      checkContains(await call, expect.result);
    }
    assert.deepEqual(server.requests, expect.requests.map((text) => text.replaceAll("{host}", server.host)));
  } finally {
    server.stop();
  }
}

const passes = {};
for (const subject of subjects) {
  passes[subject] = { passed: 0, failed: 0 };
  for (const { name, given, expect } of cases(subject)) {
    test(`${subject}: ${name}`, async () => {
      passes[subject].failed += 1;
      if (subject === "requests") await checkRequests(given, expect);
      else checkDecision(subject, given, expect);
      passes[subject].failed -= 1;
      passes[subject].passed += 1;
    });
  }
}

after(() => {
  const results = process.env.IK_CONFORMANCE_RESULTS;
  if (!results) return;
  fs.mkdirSync(results, { recursive: true });
  fs.writeFileSync(path.join(results, "node.json"), `${JSON.stringify(passes)}\n`);
});

/** What the classes make of the settings, through the environment of the process; control tells only what is wrong. */
async function settings({ client, arguments: given, environment }, isRefused) {
  Object.assign(process.env, environment);
  const made = { baseUrl: given.base_url, project: given.project, maxRetries: 0, connectTimeout: 0.001 };
  if (client === "data") {
    const endpoint = sdk.DataClient.fromEnv({ ...made, apiKey: given.api_key }).endpoint("support-bot");
    return { base_url: endpoint.baseUrl, project: endpoint.project };
  }
  const management = sdk.ManagementClient.fromEnv({ ...made, sdkToken: given.sdk_token });
  // The last settings are checked before anything is sent.
  const spec = { name: "support-bot", slug: "support-bot", model: "m", backend: "vllm" };
  if (isRefused) await management.plan(spec);
  return undefined;
}

for (const { name, given, expect } of cases("configuration")) {
  test(`configuration through the classes: ${name}`, async () => {
    try {
      const wanted = given.client === "data" ? expect : undefined;
      if (!expect.error) return assert.deepEqual(await settings(given, false), wanted);
      const error = await settings(given, true).then(() => assert.fail("it was accepted"), (reason) => reason);
      const kind = Object.keys(kinds).find((one) => kinds[one] === error.constructor);
      return checkError(error, expect.error, kind);
    } finally {
      for (const variable of Object.keys(given.environment)) delete process.env[variable];
    }
  });
}
