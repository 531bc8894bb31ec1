// Generates a text piece by piece. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: node streaming.mjs [SLUG]
import { DataClient } from "@inferencekey/sdk";

const endpoint = DataClient.fromEnv().endpoint(process.argv[2] ?? "support-bot");
for await (const chunk of await endpoint.generateTextStream({ prompt: "Count to five" })) {
  process.stdout.write(chunk.text);
}
console.log();
