"use strict";
// A worker thread with clients of its own. What it does comes in `workerData`; what it found goes to its parent.

const { parentPort, workerData } = require("node:worker_threads");
const { DataClient } = require("@inferencekey/sdk");

const { what, url, key, name, calls } = workerData;
const endpoint = new DataClient({ baseUrl: url, project: "acme", apiKey: key, maxRetries: 0 }).endpoint("bot");

async function work() {
  if (what === "hang") {
    endpoint.generateText({ prompt: "Hola" });
    const stream = await endpoint.generateTextStream({ prompt: "Hola" });
    parentPort.postMessage("hanging");
    return stream.next();
  }
  let wrong = 0;
  for (let turn = 0; turn < calls; turn++) {
    const text = `${name}-${turn}`;
    if ((await endpoint.generateText({ prompt: text })).text !== text) wrong += 1;
  }
  return parentPort.postMessage(wrong);
}

work();
