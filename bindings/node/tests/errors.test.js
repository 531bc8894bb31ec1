"use strict";
const assert = require("node:assert/strict");
const net = require("node:net");
const { test } = require("node:test");
const support = require("./support.js");
const { completion, delta, endpointOf, inTime, key, managementOf, sdk, serve, signalled, token } = support;

/** The error that the promise rejects with, which has exactly that class. */
async function rejection(promise, kind, message) {
  const error = await inTime(promise.then(() => assert.fail("it did not reject"), (reason) => reason));
  assert.equal(error.constructor, kind, error.stack);
  if (message) assert.match(error.message, message);
  return error;
}

const refusals = [
  [400, sdk.ValidationError],
  [401, sdk.AuthError],
  [403, sdk.PermissionDenied],
  [404, sdk.NotFoundError],
  [409, sdk.ApiError],
  [422, sdk.ValidationError],
  [429, sdk.RateLimitError],
  [500, sdk.ApiError],
];
for (const [status, kind] of refusals) {
  test(`a refusal with ${status} is a ${kind.name}`, async (t) => {
    const body = { error: { message: "because", code: "why", type: "t" } };
    const script = (_, reply) => reply.json(body, status, "x-request-id: r-7", "retry-after: 3");
    const { endpoint } = await endpointOf(t, script);
    const error = await rejection(endpoint.generateText({ prompt: "Hola" }), kind);
    assert.ok(error instanceof sdk.InferenceKeyError && error instanceof Error);
    assert.deepEqual([error.status, error.code, error.requestId, error.retryAfter], [status, "why", "r-7", 3]);
    assert.equal(error.name, kind.name);
    assert.ok(error.stack.includes("Endpoint.generateText"), error.stack);
  });
}

test("the families", () => {
  const { ApiError, InferenceKeyError, NetworkError, NotFoundError, RateLimitError, TimeoutError } = sdk;
  for (const kind of [NotFoundError, RateLimitError, NetworkError]) assert.ok(kind.prototype instanceof ApiError);
  assert.ok(TimeoutError.prototype instanceof InferenceKeyError);
  assert.equal(TimeoutError.prototype.name, "TimeoutError");
});

test("what is wrong by field", async (t) => {
  const { endpoint } = await endpointOf(t);
  const error = await rejection(endpoint.generateText({ prompt: " " }), sdk.ValidationError);
  assert.deepEqual(Object.keys(error.fields), ["prompt"]);
});

test("no platform there", async () => {
  const client = new sdk.DataClient({ baseUrl: "http://127.0.0.1:9", project: "acme", apiKey: key, maxRetries: 0 });
  const call = client.endpoint("bot").generateText({ prompt: "Hola" });
  await rejection(call, sdk.NetworkError, /^network error: .*Is a platform running at http:\/\/127\.0\.0\.1:9\?/);
});

test("a base URL that is none", () => {
  const make = () => new sdk.ManagementClient({ baseUrl: "localhost:8080", sdkToken: token, project: "acme" });
  assert.throws(make, (error) => error instanceof sdk.ConfigurationError && /is no base URL/.test(error.message));
});

test("the wrong credential is refused before anything is sent", async (t) => {
  const { server, management } = await managementOf(t, undefined, { sdkToken: key });
  const error = await rejection(management.list(), sdk.PermissionDenied);
  assert.equal(error.code, "wrong_credential_type");
  assert.ok(!error.message.includes(key));
  const data = new sdk.DataClient({ baseUrl: server.url, project: "acme", apiKey: token });
  assert.throws(() => data.endpoint("bot"), sdk.PermissionDenied);
  assert.equal(server.accepted, 0);
});

for (const body of ["<html>proxy</html>", '{"choices": [', "", "[]", "{}"]) {
  test(`the answer ${JSON.stringify(body)} is an error`, async (t) => {
    const { endpoint } = await endpointOf(t, (_, reply) => reply.answer(body, 200, "text/html"));
    await rejection(endpoint.generateText({ prompt: "Hola" }), sdk.ApiError, /^api error \(status 200\): /);
  });
}

test("a server that speaks no HTTP", async (t) => {
  const { endpoint } = await endpointOf(t, (_, reply) => reply.socket.end("SSH-2.0-x\r\n"));
  await rejection(endpoint.generateText({ prompt: "Hola" }), sdk.NetworkError, /^network error: /);
});

test("plain HTTP behind an https address", async (t) => {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
  });
  t.after(() => server.close());
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `https://127.0.0.1:${server.address().port}`;
  const client = new sdk.DataClient({ baseUrl, project: "acme", apiKey: key, maxRetries: 0 });
  await rejection(client.endpoint("bot").generateText({ prompt: "Hola" }), sdk.NetworkError, /TLS/);
});

test("proxy variables are not read", async (t) => {
  t.after(() => {
    delete process.env.http_proxy;
    delete process.env.ALL_PROXY;
  });
  process.env.http_proxy = process.env.ALL_PROXY = "http://127.0.0.1:9";
  const { endpoint } = await endpointOf(t, (_, reply) => reply.json(completion()));
  assert.equal((await endpoint.generateText({ prompt: "Hola" })).text, "Hola");
});

test("an answer that takes too long", async (t) => {
  const closed = signalled();
  const { endpoint } = await endpointOf(t, (_, reply) => reply.closed.then(closed.resolve), { requestTimeout: 2 });
  const message = /^timed out: no answer within/;
  const error = await rejection(endpoint.generateText({ prompt: "Hola" }), sdk.TimeoutError, message);
  assert.equal(error.name, "TimeoutError");
  await inTime(closed.promise);
});

test("the deadline of one call", async (t) => {
  const { endpoint } = await endpointOf(t, () => {});
  await rejection(endpoint.generateText({ prompt: "Hola" }, { requestTimeout: 0.1 }), sdk.TimeoutError);
  await rejection(endpoint.request("GET", "/models", { requestTimeout: 0.1 }), sdk.TimeoutError);
});

test("a refusal that passes is retried", async (t) => {
  const script = (_, reply, server) =>
    server.requests.length < 3
      ? reply.json({ error: "rate_limited" }, 429, "retry-after-ms: 1")
      : reply.json(completion());
  const { server, endpoint } = await endpointOf(t, script, { maxRetries: undefined });
  assert.equal((await endpoint.generateText({ prompt: "Hola" })).text, "Hola");
  assert.equal(server.requests.length, 3);
});

test("the options of one endpoint and of one call", async (t) => {
  const { server, endpoint } = await endpointOf(t, (_, reply) => reply.json({}, 429, "retry-after-ms: 1"));
  const patient = endpoint.withOptions({ maxRetries: 1 });
  await rejection(patient.generateText({ prompt: "Hola" }), sdk.RateLimitError);
  assert.equal(server.requests.length, 2);
  await rejection(patient.withOptions({ requestTimeout: 5 }).generateText({ prompt: "Hola" }), sdk.RateLimitError);
  assert.equal(server.requests.length, 4);
  await rejection(patient.generateText({ prompt: "Hola" }, { maxRetries: 0 }), sdk.RateLimitError);
  assert.equal(server.requests.length, 5);
});

test("an aborted signal ends a call at once", async (t) => {
  const arrived = signalled();
  const closed = signalled();
  const { server, endpoint } = await endpointOf(t, (_, reply) => {
    arrived.resolve();
    reply.closed.then(closed.resolve);
  });
  const controller = new AbortController();
  const call = endpoint.generateText({ prompt: "Hola" }, { signal: controller.signal });
  arrived.promise.then(() => controller.abort(new Error("enough")));
  const error = await rejection(call, sdk.CancelledError, /^cancelled by the caller$/);
  assert.equal(error.cause.message, "enough");
  await inTime(closed.promise);
  const again = endpoint.embed({ input: "a", signal: controller.signal });
  await rejection(again, sdk.CancelledError);
  assert.equal(server.requests.length, 1);
});

test("the deadline of a signal is a timeout", async (t) => {
  const { endpoint } = await endpointOf(t, () => {});
  const call = endpoint.rerank({ query: "q", documents: ["a"] }, { signal: AbortSignal.timeout(100) });
  const error = await rejection(call, sdk.TimeoutError, /deadline of the signal/);
  assert.equal(error.cause.name, "TimeoutError");
});

test("one signal for many calls gives no warning and ends them all", async (t) => {
  const warnings = [];
  const note = (warning) => warnings.push(warning.message);
  process.on("warning", note);
  t.after(() => process.off("warning", note));
  const { server, endpoint } = await endpointOf(t, () => {});
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 30 }, () => endpoint.generateText({ prompt: "Hola", signal }));
  const rejections = Promise.all(calls.map((call) => rejection(call, sdk.CancelledError)));
  setImmediate(() => controller.abort());
  await rejections;
  assert.deepEqual(warnings, []);
  assert.ok(server.requests.length <= 30);
});

test("a closed client ends what it does and refuses what comes", async (t) => {
  const arrived = signalled();
  const closed = signalled();
  const { client, endpoint } = await endpointOf(t, (request, reply) => {
    if (request.json().stream) {
      reply.openEvents();
      reply.event(delta("a"));
      reply.event(delta("b"));
      return;
    }
    arrived.resolve();
    reply.closed.then(closed.resolve);
  });
  const ended = /^cancelled: the client was closed$/;
  const read = await endpoint.generateTextStream({ prompt: "Hola" });
  const unread = await endpoint.generateTextStream({ prompt: "Hola" });
  assert.equal((await inTime(read.next())).value.text, "a");
  const call = rejection(endpoint.generateText({ prompt: "Hola" }), sdk.CancelledError, ended);
  await inTime(arrived.promise);
  client.close();
  client.close();
  await call;
  await inTime(closed.promise);
  // Also what had arrived already is given no more.
  for (const stream of [read, unread]) await rejection(stream.next(), sdk.CancelledError, ended);
  await rejection(endpoint.generateText({ prompt: "Hola" }), sdk.ConfigurationError, /client is closed/);
  await rejection(endpoint.generateTextStream({ prompt: "Hola" }), sdk.ConfigurationError, /client is closed/);
  assert.throws(() => endpoint.withOptions({ maxRetries: 1 }), sdk.ConfigurationError);
  assert.throws(() => client.endpoint("bot"), sdk.ConfigurationError);
});

test("a signal that is none is refused before anything is sent", async (t) => {
  const { server, endpoint } = await endpointOf(t);
  for (const signal of ["no", {}, 5]) {
    await rejection(endpoint.generateText({ prompt: "Hola", signal }), sdk.ValidationError, /signal must be an Abort/);
    await rejection(endpoint.generateTextStream({ prompt: "Hola" }, { signal }), sdk.ValidationError);
  }
  assert.equal(server.accepted, 0);
});

test("await using closes the client's connections", { skip: !Symbol.asyncDispose }, async (t) => {
  const closed = signalled();
  const { client, endpoint } = await endpointOf(t, (_, reply) => {
    reply.json(completion());
    reply.closed.then(closed.resolve);
  });
  await endpoint.generateText({ prompt: "Hola" });
  await client[Symbol.asyncDispose]();
  await inTime(closed.promise);
});

test("no error holds a secret", async (t) => {
  const server = await serve(t, (_, reply) => reply.json({ error: { message: `bad key ${key}` } }, 401));
  const client = new sdk.DataClient({ baseUrl: server.url, project: "acme", apiKey: key, maxRetries: 0 });
  const error = await rejection(client.endpoint("bot").generateText({ prompt: "Hola" }), sdk.AuthError);
  assert.ok(!require("node:util").inspect(error, { depth: 9 }).includes(key));
});
