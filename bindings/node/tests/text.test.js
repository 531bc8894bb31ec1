"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { completion, endpointOf, key, sdk, serve } = require("./support.js");

const answer = (value) => (request, reply) => reply.json(value);

test("a text comes with everything the server said", async (t) => {
  const whole = completion("¡Hola!", { custom: { b: 1, a: 2 } });
  const { server, endpoint } = await endpointOf(t, answer(whole));
  const result = await endpoint.generateText({ prompt: "Hola", temperature: 0.2, maxTokens: 300, seed: 7 });
  assert.equal(result.text, "¡Hola!");
  assert.equal(result.model, "m");
  assert.equal(result.finishReason, "stop");
  assert.deepEqual({ ...result.usage }, { promptTokens: 3, completionTokens: 2, totalTokens: 5 });
  assert.deepEqual(result.raw, whole);
  const [request] = server.requests;
  const messages = [{ role: "user", content: "Hola" }];
  assert.deepEqual(request.json(), { model: "support-bot", messages, temperature: 0.2, max_tokens: 300, seed: 7 });
  assert.equal(request.headers.authorization, `Bearer ${key}`);
  assert.equal(request.target, "/endpoint/acme/support-bot/v1/chat/completions");
});

test("options that are not set are not sent", async (t) => {
  const { server, endpoint } = await endpointOf(t, answer(completion()));
  const messages = [{ role: "user", content: "Hola", name: "ana" }];
  await endpoint.generateText({ messages, temperature: undefined });
  assert.deepEqual(server.requests[0].json(), { model: "support-bot", messages });
});

test("a text of any length and alphabet goes and comes untouched", async (t) => {
  const echo = (request, reply) => reply.json(completion(request.json().messages[0].content));
  const { endpoint } = await endpointOf(t, echo);
  const texts = ["x".repeat(4091), "é".repeat(2050), "😀".repeat(1024), "日本".repeat(100_000), "\u0000 \u2028"];
  for (const text of texts) {
    assert.equal((await endpoint.generateText({ prompt: text })).text, text);
  }
});

test("bad arguments are refused before anything is sent", async (t) => {
  const { server, endpoint } = await endpointOf(t);
  const circular = {};
  circular.self = circular;
  const bad = [
    {}, { prompt: " " }, { messages: [] }, { prompt: "a", messages: [] }, { prompt: "a", top_p: NaN },
    { prompt: "a", temperature: Infinity }, { prompt: "a", seed: 7n }, { prompt: "a", circular },
  ];
  for (const given of [undefined, ...bad]) {
    await assert.rejects(endpoint.generateText(given), (error) => {
      assert.ok(error instanceof sdk.ValidationError && error.message.startsWith("validation error: "), error);
      return true;
    });
  }
  assert.equal(server.accepted, 0);
});

test("a null that is meant goes through", async (t) => {
  const { server, endpoint } = await endpointOf(t, answer(completion()));
  await endpoint.generateText({ prompt: "a", logit_bias: { 5: null } });
  assert.deepEqual(server.requests[0].json().logit_bias, { 5: null });
});

test("calls share a connection", async (t) => {
  const { server, endpoint } = await endpointOf(t, answer(completion()));
  for (let turn = 0; turn < 5; turn++) await endpoint.generateText({ prompt: "Hola" });
  assert.equal(server.accepted, 1);
});

test("embeddings", async (t) => {
  const data = [{ index: 1, embedding: [0.5] }, { index: 0, embedding: [1, 2.25] }];
  const { server, endpoint } = await endpointOf(t, answer({ data, model: "m", usage: null }));
  assert.deepEqual((await endpoint.embed({ input: ["a", "b"], dimensions: 2 })).embeddings, [[1, 2.25], [0.5]]);
  assert.deepEqual(server.requests[0].json(), { model: "support-bot", input: ["a", "b"], dimensions: 2 });
  assert.equal((await endpoint.embed("a")).usage, null);
  assert.equal((await endpoint.embed(["a", "b"])).model, "m");
});

test("ranks", async (t) => {
  const results = [{ index: 1, relevance_score: 0.75 }];
  const { server, endpoint } = await endpointOf(t, answer({ results, model: "m" }));
  const ranked = await endpoint.rerank({ query: "q", documents: ["a", "b"], topN: 1 });
  assert.deepEqual({ ...ranked.results[0] }, { index: 1, relevanceScore: 0.75 });
  assert.deepEqual(server.requests[0].json(), { model: "support-bot", query: "q", documents: ["a", "b"], top_n: 1 });
});

test("a forecast", async (t) => {
  const { server, endpoint } = await endpointOf(t, answer({ forecast: [1, 2] }));
  const body = { series: [{ b: 1, a: 2 }], horizon: 2 };
  assert.deepEqual((await endpoint.forecast(body)).raw, { forecast: [1, 2] });
  assert.deepEqual(server.requests[0].json(), body);
  assert.equal(server.requests[0].target, "/endpoint/acme/support-bot/forecast");
});

test("jobs", async (t) => {
  const script = (request, reply) =>
    request.method === "POST"
      ? reply.json({ job_id: "j-1" }, 202)
      : reply.json({ job_id: "j-1", state: "completed", attempts: 1, result: { text: "Hola" } });
  const { server, endpoint } = await endpointOf(t, script);
  const body = { prompt: "Hola" };
  const job = await endpoint.submitJob("chat", body, { context: { order: 42 }, idempotencyKey: "once" });
  assert.deepEqual([job.id, job.state, job.result], ["j-1", null, null]);
  assert.equal(server.requests[0].headers["idempotency-key"], "once");
  const done = await endpoint.getJob(job.id);
  assert.deepEqual([done.id, done.state, done.attempts, done.result], ["j-1", "completed", 1, { text: "Hola" }]);
  await endpoint.submitJob("transcription", new Uint8Array([0, 255]), { contentType: "audio/wav" });
  assert.equal(server.requests.length, 3);
});

test("any other route", async (t) => {
  const image = Buffer.from([0xff, 0, 0x50]);
  const script = (_, reply) => reply.answer(image, 200, "image/png", "x-request-id: r-1");
  const { server, endpoint } = await endpointOf(t, script);
  const given = { json: { b: 1, a: [true] }, headers: { "x-a": "1" } };
  const response = await endpoint.request("POST", "/images/generations", given);
  assert.deepEqual([response.status, response.content, response.header("X-Request-ID")], [200, image, "r-1"]);
  assert.equal(response.header("x-none"), null);
  assert.equal(server.requests[0].body.toString(), '{"b":1,"a":[true]}');
  assert.equal(server.requests[0].headers["x-a"], "1");
  const content = new Uint8Array([0, 255]);
  const sound = { content, contentType: "audio/wav", headers: new Map([["x-b", "2"]]) };
  await endpoint.request("POST", "/audio/transcriptions", sound);
  assert.deepEqual(server.requests[1].body, Buffer.from(content));
  assert.equal(server.requests[1].headers["content-type"], "audio/wav");
  assert.equal(server.requests[1].headers["x-b"], "2");
  await endpoint.request("POST", "/x", { content: content.buffer });
  assert.deepEqual(server.requests[2].body, Buffer.from(content));
  assert.throws(() => response.json(), (error) => error instanceof sdk.ApiError && error.message.includes("not JSON"));
});

test("a text among the answers of other routes", async (t) => {
  const { endpoint } = await endpointOf(t, answer({ ñ: 1 }));
  const response = await endpoint.request("GET", "/models");
  assert.equal(response.text, '{"ñ":1}');
  assert.deepEqual(response.json(), { ñ: 1 });
});

test("a base URL for an OpenAI client", async (t) => {
  const { server, endpoint } = await endpointOf(t);
  assert.equal(endpoint.baseUrl, `${server.url}/endpoint/acme/support-bot/v1`);
  assert.equal(endpoint.workloadSlug, "support-bot");
  assert.equal(endpoint.project, "acme");
});

test("an endpoint may have a key of its own", async (t) => {
  const server = await serve(t, answer(completion()));
  const own = key.replace("0badcafe", "1badcafe");
  const client = new sdk.DataClient({ baseUrl: server.url, project: "acme" });
  await client.endpoint("bot", { apiKey: own }).generateText({ prompt: "Hola" });
  assert.equal(server.requests[0].headers.authorization, `Bearer ${own}`);
  assert.throws(() => client.endpoint("bot"), { name: "ConfigurationError", message: /^No ik_live_ key/ });
});
