"use strict";
// Deliveries of the platform, checked.

const { plain } = require("./endpoint.js");
const { classes } = require("./errors.js");
const { decide } = require("./native.js");

function verifyWebhook(rawBody, headers, secret, tolerance = 300) {
  const body = typeof rawBody === "string" ? rawBody : text(rawBody);
  // Node gives a header that came more than once as an array.
  const single = Object.entries(plain(headers)).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
  const given = { body, headers: Object.fromEntries(single), secret, tolerance };
  const { event, error } = decide("webhooks", given);
  if (error) throw new classes.ValidationError(error.message, { code: error.code ?? undefined });
  return event;
}

function text(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const message = "validation error: the body is not UTF-8; pass it as it came";
    throw new classes.ValidationError(message, { code: "invalid_body", cause });
  }
}

module.exports = { verifyWebhook };
