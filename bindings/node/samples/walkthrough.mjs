// From nothing to an answer: declares a workload, waits until it serves, calls it, deletes it.
// Set INFERENCEKEY_SDK_TOKEN, INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT.
// Usage: node walkthrough.mjs BACKEND MODEL COMMAND, such as vllm NAME "vllm serve NAME"
import { DataClient, ManagementClient } from "@inferencekey/sdk";

const [backend, model, command] = process.argv.slice(2);
if (command === undefined) {
  console.error("usage: node walkthrough.mjs BACKEND MODEL COMMAND");
  process.exit(2);
}

const management = ManagementClient.fromEnv();
const spec = { name: "walkthrough", slug: "walkthrough", model, backend, command };
console.log("plan:", (await management.plan(spec)).action);
const ref = await management.ensure(spec);
await management.waitUntilReady(ref.workloadSlug);

const endpoint = DataClient.fromEnv().endpoint(ref.workloadSlug);
console.log("answer:", (await endpoint.generateText({ prompt: "Hola", maxTokens: 50 })).text);
for await (const chunk of await endpoint.generateTextStream({ prompt: "Hola", maxTokens: 50 })) {
  process.stdout.write(chunk.text);
}
console.log();
console.log("deleted:", await management.delete(ref.workloadSlug));
