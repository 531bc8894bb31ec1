"use strict";
// Many calls, worker threads, the life of the process, and the import itself.

const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { promisify } = require("node:util");
const { Worker } = require("node:worker_threads");
const { completion, delta, endpointOf, inTime, key, sdk, serve, signalled } = require("./support.js");

const root = path.join(__dirname, "..");
const echo = (request, reply) => reply.json(completion(request.json().messages[0].content));

/** What a program of its own prints; it ends by itself. */
async function run(program, { flags = [], ...options } = {}) {
  const whole = { cwd: root, timeout: 20_000, ...options };
  return (await promisify(execFile)(process.execPath, [...flags, "-e", program], whole)).stdout.trim();
}

/** The beginning of a program that has an endpoint of that server. */
function withEndpoint(server) {
  return `const { DataClient } = require("@inferencekey/sdk");
    const client = new DataClient({ baseUrl: "${server.url}", project: "acme", apiKey: "${key}", maxRetries: 0 });
    const endpoint = client.endpoint("bot");`;
}

test("64 callers × 1,000 calls on one client", async (t) => {
  const { server, endpoint } = await endpointOf(t, (request, reply) => {
    server.requests.length = 0;
    echo(request, reply);
  });
  let answered = 0;
  const caller = async (number) => {
    for (let turn = 0; turn < 1000; turn++) {
      const text = `${number}-${turn}`;
      assert.equal((await endpoint.generateText({ prompt: text })).text, text);
      answered += 1;
    }
  };
  await inTime(Promise.all(Array.from({ length: 64 }, (_, number) => caller(number))), 120);
  assert.equal(answered, 64_000);
  assert.ok(server.accepted <= 64, String(server.accepted));
});

test("worker threads have clients of their own", async (t) => {
  const server = await serve(t, echo);
  const work = async (name) => {
    const workerData = { url: server.url, key, name, calls: 50 };
    const worker = new Worker(path.join(__dirname, "worker.js"), { workerData });
    const [[wrong], [code]] = await Promise.all([once(worker, "message"), once(worker, "exit")]);
    return [wrong, code];
  };
  const found = [];
  // Eight at a time: a worker takes some 10 MB and a good part of a second of one core to start.
  for (let round = 0; round < 4; round++) {
    const workers = Array.from({ length: 8 }, (_, number) => work(`${round}.${number}`));
    found.push(...(await inTime(Promise.all(workers), 60)));
  }
  assert.deepEqual(found, Array.from({ length: 32 }, () => [0, 0]));
  assert.equal(server.requests.length, 32 * 50);
});

test("a worker thread that alone had the package may end", async (t) => {
  const server = await serve(t, echo);
  const workerData = { url: server.url, key, name: "only", calls: 1 };
  const program = `
    const { once } = require("node:events");
    const { Worker } = require("node:worker_threads");
    (async () => {
      for (let round = 0; round < 3; round++) {
        const options = { workerData: ${JSON.stringify(workerData)} };
        await once(new Worker(${JSON.stringify(path.join(__dirname, "worker.js"))}, options), "exit");
      }
      console.log("well");
    })();`;
  // Node unloads what it loaded for the last environment that has it.
  assert.equal(await run(program), "well");
});

test("a worker thread may be terminated with requests on their way", async (t) => {
  let open = 0;
  const bothOpen = signalled();
  const allClosed = signalled();
  const server = await serve(t, (request, reply) => {
    if (++open === 2) bothOpen.resolve();
    reply.closed.then(() => --open === 0 && allClosed.resolve());
    if (!request.json().stream) return;
    reply.openEvents();
    reply.event(delta("x"));
  });
  const workerData = { what: "hang", url: server.url, key };
  const worker = new Worker(path.join(__dirname, "worker.js"), { workerData });
  await inTime(once(worker, "message"));
  await inTime(bothOpen.promise);
  assert.equal(open, 2);
  await inTime(worker.terminate());
  await inTime(allClosed.promise);
});

test("timers run while calls wait", async (t) => {
  const ticked = signalled();
  const { endpoint } = await endpointOf(t, (_, reply) => ticked.promise.then(() => reply.json(completion())));
  const call = endpoint.generateText({ prompt: "Hola" });
  let ticks = 0;
  const timer = setInterval(() => ++ticks === 5 && ticked.resolve(), 1);
  t.after(() => clearInterval(timer));
  assert.equal((await inTime(call)).text, "Hola");
});

test("a client with nothing on its way lets the process end", async (t) => {
  const server = await serve(t, echo);
  const program = `${withEndpoint(server)}
    endpoint.generateText({ prompt: "Hola" }).then((one) => console.log(one.text));`;
  assert.equal(await run(program), "Hola");
});

test("a stream that nobody reads lets the process end", async (t) => {
  const closed = signalled();
  const server = await serve(t, (_, reply) => {
    reply.openEvents();
    reply.event(delta("x"));
    reply.closed.then(closed.resolve);
  });
  const program = `${withEndpoint(server)}
    endpoint.generateTextStream({ prompt: "a" }).then(() => console.log("open"));`;
  assert.equal(await run(program), "open");
  await inTime(closed.promise);
});

test("a stream that is dropped closes its request", async (t) => {
  const closed = signalled();
  const server = await serve(t, (_, reply) => {
    reply.openEvents();
    reply.event(delta("x"));
    reply.closed.then(closed.resolve);
  });
  // Ends when its parent says so: only the collector can have closed the request before.
  const program = `${withEndpoint(server)}
    endpoint.generateTextStream({ prompt: "a" }).then(() => setInterval(() => global.gc(), 10));
    process.stdin.resume().on("end", () => process.exit());`;
  const child = execFile(process.execPath, ["--expose-gc", "-e", program], { cwd: root });
  t.after(() => child.stdin.end());
  await inTime(closed.promise);
});

test("a process may exit in the middle of everything", async (t) => {
  const server = await serve(t, (request, reply) => request.json().stream && reply.openEvents());
  const program = `${withEndpoint(server)}
    for (let number = 0; number < 10; number++) endpoint.generateText({ prompt: "a" }).catch(() => {});
    endpoint.generateTextStream({ prompt: "a" }).then(() => process.exit(0));`;
  assert.equal(await run(program), "");
});

test("no thread is started for plain http", async (t) => {
  const server = await serve(t, echo);
  const count = `require("fs").readdirSync("/proc/self/task").length`;
  const program = `const before = ${count}; ${withEndpoint(server)}
    endpoint.generateText({ prompt: "Hola" }).then((one) => console.log(one.text, ${count} - before));`;
  assert.equal(await run(program), "Hola 0");
});

test("memory does not grow with the number of calls", async (t) => {
  const server = await serve(t, (request, reply) => {
    server.requests.length = 0;
    if (!request.json().stream) return reply.json(completion("x".repeat(1000)));
    return reply.events(delta("x".repeat(1000), "stop"), "[DONE]");
  });
  const program = `${withEndpoint(server)}
    async function round() {
      for (let turn = 0; turn < 1000; turn++) {
        await endpoint.generateText({ prompt: "Hola", signal: new AbortController().signal });
        for await (const piece of await endpoint.generateTextStream({ prompt: "Hola" })) break;
        new DataClient({ baseUrl: "${server.url}", project: "acme", apiKey: "${key}" }).endpoint("bot");
      }
      global.gc();
      return process.memoryUsage().rss;
    }
    (async () => {
      await round();
      const before = await round();
      await round();
      await round();
      console.log(Math.round((await round() - before) / 3000));
    })();`;
  // Small young generation and one arena: what is left is what was kept.
  const flags = ["--expose-gc", "--max-semi-space-size=1"];
  const env = { ...process.env, MALLOC_ARENA_MAX: "1" };
  const bytesPerTurn = Number(await run(program, { flags, env, timeout: 60_000 }));
  assert.ok(bytesPerTurn < 1000, `${bytesPerTurn} bytes a turn`);
});

test("without a descriptor left the error says so", async (t) => {
  const server = await serve(t, echo);
  const program = `${withEndpoint(server)}
    const fs = require("node:fs");
    const taken = [];
    try {
      while (true) taken.push(fs.openSync("/dev/null"));
    } catch {}
    endpoint.generateText({ prompt: "Hola" }).catch(({ name, message }) => {
      for (const descriptor of taken) fs.closeSync(descriptor);
      console.log(name, message);
    });`;
  const shell = ["-c", 'ulimit -n 128 && exec "$0" -e "$1"', process.execPath, program];
  const { stdout } = await promisify(execFile)("/bin/sh", shell, { cwd: root, timeout: 20_000 });
  assert.match(stdout, /^NetworkError network error: no more connections can be had \(/);
});

test("importing loads no native library", async () => {
  const program = `require("@inferencekey/sdk");
    console.log(require("fs").readFileSync("/proc/self/maps", "utf8").includes("libinferencekey"));`;
  assert.equal(await run(program), "false");
});

test("import and require have the same names", async () => {
  const names = await run(`import("@inferencekey/sdk").then((it) => console.log(Object.keys(it).sort().join()))`);
  assert.equal(names, Object.keys(sdk).sort().join());
  const same = `import("@inferencekey/sdk").then(({ ApiError }) =>
    console.log(ApiError === require("@inferencekey/sdk").ApiError))`;
  assert.equal(await run(same), "true");
});

/** A copy of the package in a folder of its own, and what making a client there throws. */
async function broken(t, spoil) {
  const folder = fs.mkdtempSync(path.join(require("node:os").tmpdir(), "inferencekey-node-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  for (const name of ["src", "package.json", "prebuilds"]) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  await spoil(path.join(folder, "prebuilds", `${process.platform}-${process.arch}`));
  const program = `const sdk = require("@inferencekey/sdk");
    try { new sdk.DataClient(); } catch (error) {
      console.log(error instanceof sdk.ConfigurationError, error.message);
    }`;
  return run(program, { cwd: folder });
}

test("a missing library is an error that says what to do", async (t) => {
  const wanted = /^true configuration error: the native library cannot be loaded for .*npm install --force @infer/;
  assert.match(await broken(t, (place) => fs.rmSync(path.join(place, "libinferencekey.so"))), wanted);
  assert.match(await broken(t, (place) => fs.rmSync(place, { recursive: true })), wanted);
  assert.match(await broken(t, (place) => fs.writeFileSync(path.join(place, "libinferencekey.so"), "none")), wanted);
});

test("a library with another ABI version is refused", async (t) => {
  const found = await broken(t, async (place) => {
    const source = path.join(place, "other.c");
    fs.writeFileSync(source, "unsigned ik_abi_version(void) { return 99; }\n");
    const library = path.join(place, "libinferencekey.so");
    fs.rmSync(library);
    const words = ["-shared", "-fPIC", "-Wl,-soname,libinferencekey.so", source, "-o", library];
    await promisify(execFile)(process.env.CC ?? "gcc", words);
  });
  assert.match(found, /^true configuration error: .* has ABI version 99, and this package needs 1\. Install/);
});
