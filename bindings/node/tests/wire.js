"use strict";
// Between the words of the wire, which the vectors have, and those of this package.

const { collect, sdk } = require("./support.js");

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Options in milliseconds as the package takes them, in seconds. */
function options(given = {}) {
  const seconds = (name, value) =>
    name.endsWith("_ms") ? [camel(name.slice(0, -3)), value / 1000] : [camel(name), value];
  return Object.fromEntries(Object.entries(given).map(([name, value]) => seconds(name, value)));
}

/** Settings of a client, or a spec. What its members hold stays as it is. */
function camelMembers(given) {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), value]));
}

const own = { Job: { id: "job_id" }, LogLine: { timestamp: "ts" } };

/** A result in the words of the wire. What came as plain JSON stays as it is. */
function wire(value) {
  if (Array.isArray(value)) return value.map(wire);
  if (value === null || typeof value !== "object" || value.constructor === Object) return value;
  if (value.constructor.name === "Response") return { status: value.status, headers: value.headers, text: value.text };
  const names = own[value.constructor.name] ?? {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [names[name] ?? snake(name), wire(one)]));
}

/** How each operation is called through the package's own methods; each gives its result in wire words. */
const data = {
  endpoint: async (endpoint) => wire(endpoint),
  generate_text: async (endpoint, given, call) => wire(await endpoint.generateText(text(given), call)),
  generate_text_stream: async (endpoint, given, call) =>
    items(await collect(await endpoint.generateTextStream(text(given), call))),
  embed: async (endpoint, { extra, ...given }, call) => wire(await endpoint.embed({ ...given, ...extra }, call)),
  rerank: async (endpoint, { extra, ...given }, call) =>
    wire(await endpoint.rerank({ ...camelMembers(given), ...extra }, call)),
  forecast: async (endpoint, { body }, call) => wire(await endpoint.forecast(body, call)),
  submit_job: async (endpoint, { kind, body, base64, ...more }, call) =>
    wire(await endpoint.submitJob(kind, content(base64) ?? body, { ...camelMembers(more), ...call })),
  get_job: async (endpoint, { job_id }, call) => wire(await endpoint.getJob(job_id, call)),
  request: async (endpoint, { method, path, text, base64, ...more }, call) => {
    const own = { ...camelMembers(more), content: content(base64) ?? text };
    return wire(await endpoint.request(method, path, { ...own, ...call }));
  },
};

const control = {
  ensure: async (client, { spec, on_drift, project }, call) =>
    wire(await client.ensure(camelMembers(spec), { onDrift: on_drift, project, ...call })),
  plan: async (client, { spec, project }, call) => wire(await client.plan(camelMembers(spec), { project, ...call })),
  delete: async (client, { slug, ...more }, call) => ({ deleted: await client.delete(slug, { ...more, ...call }) }),
  get: async (client, { slug, ...more }, call) => wire(await client.get(slug, { ...more, ...call })),
  list: async (client, given, call) => ({ workloads: wire(await client.list({ ...given, ...call })) }),
  status: async (client, { slug, ...more }, call) => wire(await client.status(slug, { ...more, ...call })),
  logs: async (client, { slug, ...more }, call) => ({
    lines: wire(await collect(client.logs(slug, { ...more, ...call }))),
  }),
  follow_logs: async (client, { slug, ...more }, call) =>
    items(await collect(client.logs(slug, { ...more, ...call, follow: true }))),
  wait_until_ready: async (client, { slug, timeout_ms, ...more }, call) => {
    const seen = [];
    const timeout = timeout_ms === undefined ? undefined : timeout_ms / 1000;
    const onProgress = (event) => seen.push(event);
    const last = await client.waitUntilReady(slug, { ...more, ...call, timeout, onProgress });
    if (last !== seen.at(-1)) throw new Error("what was waited for is not the last event");
    return items(seen);
  },
};

const items = (events) => ({ items: wire(events) });
const content = (base64) => (base64 === undefined ? undefined : Buffer.from(base64, "base64"));
const text = ({ extra, ...given }) => ({ ...camelMembers(given), ...extra });

/** Calls the operation with a client that has those settings; gives its result in wire words. */
async function perform({ plane, client, operation, arguments: given }, baseUrl) {
  const { options: clientOptions, ...settings } = client;
  const unknown = Object.keys(settings).filter((name) => !["project", "api_key", "sdk_token"].includes(name));
  if (unknown.length > 0) throw new Error(`the vector has settings that this runner does not know: ${unknown}`);
  const made = { ...camelMembers(settings), ...options(clientOptions), baseUrl };
  const { slug, api_key: apiKey, options: callOptions, ...rest } = given;
  const call = options(callOptions);
  if (plane === "control") return control[operation](new sdk.ManagementClient(made), { slug, ...rest }, call);
  return data[operation](new sdk.DataClient(made).endpoint(slug, { apiKey }), rest, call);
}

module.exports = { perform };
