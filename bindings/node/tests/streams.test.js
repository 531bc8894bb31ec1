"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { collect, delta, endpointOf, inTime, sdk, signalled } = require("./support.js");

/** Opens the events, sends three and waits until the other side closes. */
function endless(closed) {
  return (request, reply) => {
    reply.openEvents();
    for (let number = 0; number < 3; number++) reply.event(delta("x"));
    reply.closed.then(closed.resolve);
  };
}

test("a stream brings the pieces as they come", async (t) => {
  const proceed = signalled();
  const { server, endpoint } = await endpointOf(t, async (request, reply) => {
    reply.openEvents();
    reply.event(delta("Hel"));
    await proceed.promise;
    reply.event(delta("lo", "stop"));
    reply.event("[DONE]");
    reply.end();
  });
  const stream = await endpoint.generateTextStream({ prompt: "Hola", top_k: 3 });
  const { value, done } = await inTime(stream.next());
  assert.deepEqual({ ...value }, { text: "Hel", finishReason: null, usage: null, raw: delta("Hel") });
  assert.equal(done, false);
  proceed.resolve();
  assert.deepEqual((await collect(stream)).map((piece) => [piece.text, piece.finishReason]), [["lo", "stop"]]);
  assert.equal(server.requests[0].json().stream, true);
  assert.equal(server.requests[0].json().top_k, 3);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

test("a refusal rejects the call that opens the stream", async (t) => {
  const refuse = (_, reply) => reply.json({ error: "invalid_credentials", message: "no" }, 401);
  const { endpoint } = await endpointOf(t, refuse);
  await assert.rejects(endpoint.generateTextStream({ prompt: "Hola" }), (error) => {
    assert.ok(error instanceof sdk.AuthError);
    assert.match(error.message, /^authentication failed: no/);
    return true;
  });
  await assert.rejects(endpoint.generateTextStream({ prompt: " " }), sdk.ValidationError);
});

test("breaking out of a loop closes the request", async (t) => {
  const closed = signalled();
  const { endpoint } = await endpointOf(t, endless(closed));
  const stream = await endpoint.generateTextStream({ prompt: "Hola" });
  for await (const piece of stream) {
    assert.equal(piece.text, "x");
    break;
  }
  await inTime(closed.promise);
  assert.deepEqual(await collect(stream), []);
});

test("throwing out of a loop closes the request", async (t) => {
  const closed = signalled();
  const { endpoint } = await endpointOf(t, endless(closed));
  const read = async () => {
    for await (const _ of await endpoint.generateTextStream({ prompt: "Hola" })) throw new Error("enough");
  };
  await assert.rejects(read(), /enough/);
  await inTime(closed.promise);
});

test("return and close close the request, and end a read that waits", async (t) => {
  for (const how of ["return", "close"]) {
    const closed = signalled();
    const { endpoint } = await endpointOf(t, endless(closed));
    const stream = await endpoint.generateTextStream({ prompt: "Hola" });
    for (let number = 0; number < 3; number++) await stream.next();
    const waiting = stream.next();
    await stream[how]();
    await inTime(closed.promise);
    assert.deepEqual(await inTime(waiting), { done: true, value: undefined });
    await stream[how]();
  }
});

test("await using closes the request", { skip: !Symbol.asyncDispose }, async (t) => {
  const closed = signalled();
  const { endpoint } = await endpointOf(t, endless(closed));
  const stream = await endpoint.generateTextStream({ prompt: "Hola" });
  await stream[Symbol.asyncDispose]();
  await inTime(closed.promise);
});

test("reads that do not wait for each other get the events in order", async (t) => {
  const texts = ["a", "b", "c", "d"];
  const script = (_, reply) => reply.events(...texts.map((text) => delta(text)), delta("", "stop"), "[DONE]");
  const { endpoint } = await endpointOf(t, script);
  const stream = await endpoint.generateTextStream({ prompt: "Hola" });
  const read = await inTime(Promise.all(Array.from({ length: 7 }, () => stream.next())));
  assert.deepEqual(read.map((one) => one.value?.text), [...texts, "", undefined, undefined]);
  assert.deepEqual(read.map((one) => one.done), [false, false, false, false, false, true, true]);
});

test("a stream that is cut off is an error after what came", async (t) => {
  const { endpoint } = await endpointOf(t, (_, reply) => reply.events(delta("x")));
  const pieces = [];
  const read = async () => {
    for await (const piece of await endpoint.generateTextStream({ prompt: "Hola" })) pieces.push(piece.text);
  };
  await assert.rejects(read(), (error) => {
    assert.ok(error instanceof sdk.NetworkError);
    assert.match(error.message, /ended before it was complete/);
    return true;
  });
  assert.deepEqual(pieces, ["x"]);
});

test("an empty stream is an error", async (t) => {
  const { endpoint } = await endpointOf(t, (_, reply) => reply.events());
  await assert.rejects(async () => collect(await endpoint.generateTextStream({ prompt: "Hola" })), sdk.NetworkError);
});

test("a silent stream times out", async (t) => {
  const { endpoint } = await endpointOf(t, endless(signalled()), { streamIdleTimeout: 0.2 });
  await assert.rejects(async () => collect(await endpoint.generateTextStream({ prompt: "Hola" })), (error) => {
    assert.ok(error instanceof sdk.TimeoutError);
    assert.match(error.message, /sent nothing/);
    return true;
  });
});

test("aborting a stream closes the request and rejects its read", async (t) => {
  const closed = signalled();
  const { endpoint } = await endpointOf(t, endless(closed));
  const controller = new AbortController();
  const stream = await endpoint.generateTextStream({ prompt: "Hola" }, { signal: controller.signal });
  for (let number = 0; number < 3; number++) await stream.next();
  const waiting = stream.next();
  controller.abort("enough");
  await assert.rejects(waiting, (error) => error instanceof sdk.CancelledError && error.cause === "enough");
  await inTime(closed.promise);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

test("aborting while a stream opens rejects the call", async (t) => {
  const arrived = signalled();
  const closed = signalled();
  const { endpoint } = await endpointOf(t, (_, reply) => {
    arrived.resolve();
    reply.closed.then(closed.resolve);
  });
  const controller = new AbortController();
  const opening = endpoint.generateTextStream({ prompt: "Hola", signal: controller.signal });
  arrived.promise.then(() => controller.abort());
  await assert.rejects(opening, sdk.CancelledError);
  await inTime(closed.promise);
});

test("1,000 streams at once lose no event", async (t) => {
  const script = (request, reply) => {
    const own = request.json().messages[0].content;
    reply.openEvents();
    for (let number = 0; number < 5; number++) reply.event(delta(`${own}.${number} `));
    reply.event(delta("", "stop"));
    reply.event("[DONE]");
    reply.end();
  };
  const { endpoint } = await endpointOf(t, script);
  const read = async (number) => {
    let text = "";
    for await (const piece of await endpoint.generateTextStream({ prompt: String(number) })) text += piece.text;
    return text;
  };
  const texts = await inTime(Promise.all(Array.from({ length: 1000 }, (_, number) => read(number))), 60);
  const wanted = (number) => [0, 1, 2, 3, 4].map((event) => `${number}.${event} `).join("");
  assert.deepEqual(texts, Array.from({ length: 1000 }, (_, number) => wanted(number)));
});
