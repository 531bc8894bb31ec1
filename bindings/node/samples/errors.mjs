// Provokes errors and tells what each holds. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT.
import { DataClient, InferenceKeyError, NetworkError, NotFoundError, ValidationError } from "@inferencekey/sdk";

const client = DataClient.fromEnv({ maxRetries: 0 });
try {
  await client.endpoint("support-bot").generateText({ prompt: " " });
} catch (error) {
  if (!(error instanceof ValidationError)) throw error;
  console.log(`${error.name}: ${error.message} (fields: ${JSON.stringify(error.fields)})`);
}

try {
  await client.endpoint("nobody-knows-it").generateText({ prompt: "Hola" });
} catch (error) {
  if (!(error instanceof InferenceKeyError)) throw error;
  const more = error instanceof NotFoundError ? ` (code ${error.code}, request ${error.requestId})` : "";
  console.log(`${error.name}: ${error.message}${more}`);
}

try {
  const nowhere = DataClient.fromEnv({ baseUrl: "http://127.0.0.1:9", maxRetries: 0 });
  await nowhere.endpoint("support-bot").generateText({ prompt: "Hola" });
} catch (error) {
  if (!(error instanceof NetworkError)) throw error;
  console.log(`${error.name}: ${error.message}`);
}
