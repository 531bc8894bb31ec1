"use strict";
const assert = require("node:assert/strict");
const { createHmac } = require("node:crypto");
const { test } = require("node:test");
const { sdk } = require("./support.js");

const body = '{"event":"job.completed","data":{"text":"¡Hola!"}}';
const secret = "a plain secret of a destination";

function signed(time = Math.floor(Date.now() / 1000)) {
  const code = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  return { "x-inferencekey-signature": `t=${time},v1=${code}` };
}

test("a delivery is verified, in whatever form its body and headers come", () => {
  const headers = signed();
  const forms = [headers, new Map(Object.entries(headers)), { "x-inferencekey-signature": Object.values(headers) }];
  if (globalThis.Headers) forms.push(new Headers(headers));
  for (const form of forms) {
    for (const raw of [body, Buffer.from(body), new TextEncoder().encode(body)]) {
      assert.deepEqual(sdk.verifyWebhook(raw, form, secret), JSON.parse(body));
    }
  }
});

test("a delivery that is not to be trusted", () => {
  const refusals = [
    [body + " ", signed(), secret, "invalid_signature"],
    [body, signed(), "another secret", "invalid_signature"],
    [body, {}, secret, "missing_signature"],
    [body, signed(), " ", "missing_secret"],
    [body, signed(1_764_000_000), secret, "timestamp_out_of_tolerance"],
    [Buffer.from([0xff, 0xfe]), signed(), secret, "invalid_body"],
  ];
  for (const [raw, headers, own, code] of refusals) {
    assert.throws(() => sdk.verifyWebhook(raw, headers, own), (error) => {
      assert.ok(error instanceof sdk.ValidationError);
      assert.equal(error.code, code);
      return true;
    });
  }
});

test("the tolerance is in seconds", () => {
  const headers = signed(Math.floor(Date.now() / 1000) - 1000);
  assert.throws(() => sdk.verifyWebhook(body, headers, secret), { code: "timestamp_out_of_tolerance" });
  assert.deepEqual(sdk.verifyWebhook(body, headers, secret, 2000), JSON.parse(body));
});
