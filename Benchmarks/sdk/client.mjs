// One client doing one thing, in a process of its own. Prints JSON, as client.py does.
// Usage: node client.mjs inferencekey|fetch import|calls|streams|threads URL COUNT
import { readFileSync } from "node:fs";

const [client, what, url, counted] = process.argv.slice(2);
const count = Number(counted);
const key = `ik_live_0badcafe_${"0123456789abcdef".repeat(4)}`;

/** Of this process, in kB. */
const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);

/** With the SDK. */
async function ours() {
  const { DataClient } = await import("../../bindings/node/src/index.mjs");
  const imported = performance.now() - began;
  const endpoint = new DataClient({ baseUrl: url, project: "acme", apiKey: key, maxRetries: 0 }).endpoint("bot");
  const call = async () => (await endpoint.generateText({ prompt: "Hola", maxTokens: 300 })).text;
  const stream = async () => {
    let events = 0;
    for await (const _ of await endpoint.generateTextStream({ prompt: "Hola" })) events += 1;
    return events;
  };
  return { imported, call, stream };
}

/** With what every Node has, and the least that reads an answer and a stream of events. */
async function theirs() {
  // The first use of one of its names loads the client.
  new Request(url);
  const imported = performance.now() - began;
  const address = `${url}/endpoint/acme/bot/v1/chat/completions`;
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const messages = [{ role: "user", content: "Hola" }];
  const send = (more) =>
    fetch(address, { method: "POST", headers, body: JSON.stringify({ model: "bot", messages, ...more }) });
  const call = async () => (await (await send({ max_tokens: 300 })).json()).choices[0].message.content;
  const stream = async () => {
    const decoder = new TextDecoder();
    let events = 0;
    let rest = "";
    for await (const bytes of (await send({ stream: true })).body) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
        if (JSON.parse(line.slice(6)).choices[0].delta !== undefined) events += 1;
      }
    }
    return events;
  };
  return { imported, call, stream };
}

const bare = resident();
const began = performance.now();
const { imported, call, stream } = await (client === "inferencekey" ? ours() : theirs());
const found = { import_ms: imported, ready_ms: performance.now() - began };

if (what === "import") {
  found.rss_kb = resident() - bare;
} else if (what === "threads") {
  // Sixteen callers at once: Node has one thread.
  await call();
  const each = Math.floor(count / 16);
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let turn = 0; turn < each; turn++) await call();
    }),
  );
  found.per_second = (each * 16) / ((performance.now() - started) / 1000);
} else {
  const work = what === "calls" ? call : stream;
  for (let turn = 0; turn < 20; turn++) await work();
  const cpu = process.cpuUsage();
  const started = performance.now();
  let units = 0;
  for (let turn = 0; turn < count; turn++) {
    const result = await work();
    units += what === "streams" ? result : 1;
  }
  const used = process.cpuUsage(cpu);
  found.cpu_us = (used.user + used.system) / units;
  found.wall_us = ((performance.now() - started) * 1000) / units;
}
console.log(JSON.stringify(found));
// A pool of connections would keep the process for some seconds.
process.exit();
