"use strict";
// The way to the library: settings in, JSON out, errors as exceptions.

const path = require("node:path");
const { classes, make } = require("./errors.js");

const { ConfigurationError, ValidationError } = classes;
const again = "Install the package again: npm install --force @inferencekey/sdk";

function load() {
  const place = `${process.platform}-${process.arch}`;
  const file = path.join(__dirname, "..", "prebuilds", place, "inferencekey.node");
  try {
    return require(file);
  } catch (cause) {
    const reason = String(cause.message).split("\n")[0];
    const message = `configuration error: the native library cannot be loaded for ${place} (${reason}). ${again}`;
    throw new ConfigurationError(message, { cause });
  }
}

/** Who waits for what of each request, by its id. */
const waiting = new Map();

/** Wakes whoever waits for one of the requests. */
function dispatch(ids) {
  for (const id of ids) waiting.get(id)?.wake();
}

let loaded;

/** The addon, loaded when it is first needed. */
function library() {
  if (loaded === undefined) {
    const addon = load();
    const [wanted, found] = addon.abiVersions();
    if (wanted !== found) {
      throw new ConfigurationError(
        `configuration error: the native library has ABI version ${found}, and this package needs ${wanted}. ${again}`,
      );
    }
    addon.setCallbacks(dispatch, make);
    loaded = addon;
  }
  return loaded;
}

/** As JSON; throws `ValidationError` for what JSON cannot say. */
function encode(value) {
  try {
    const text = JSON.stringify(value);
    // JSON.stringify writes null for a number that is none; only then is it worth a second look.
    if (text.includes("null")) JSON.stringify(value, refuseNoNumber);
    return text;
  } catch (cause) {
    if (cause instanceof ValidationError) throw cause;
    const reason = String(cause.message).split("\n")[0];
    throw new ValidationError(`validation error: an argument cannot be sent as JSON: ${reason}`, { cause });
  }
}

function refuseNoNumber(key, value) {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new ValidationError(`validation error: an argument cannot be sent as JSON: ${key} is ${value}`);
  }
  return value;
}

const variables = ["INFERENCEKEY_SDK_TOKEN", "INFERENCEKEY_API_KEY", "INFERENCEKEY_PROJECT", "INFERENCEKEY_BASE_URL"];

/** The variables that settings are taken from. */
function environment() {
  const given = {};
  for (const name of variables) if (process.env[name] !== undefined) given[name] = process.env[name];
  return given;
}

/** A client of the library, from its settings. */
function client(plane, settings) {
  return library().client(encode({ plane, language: "node", ...settings }));
}

/** The result of an operation that sends nothing. */
function call(handle, operation, given) {
  return JSON.parse(library().call(handle, operation, encode(given)));
}

/** What the core decides about it, as `conformance/` describes. */
function decide(subject, given) {
  return JSON.parse(library().decide(subject, encode(given)));
}

module.exports = { library, waiting, dispatch, encode, environment, client, call, decide };
