import dev.inferencekey.DataClient;

/** Calls a workload once. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: Basic.java [SLUG] */
class Basic {
    public static void main(String[] words) {
        try (var client = DataClient.fromEnv()) {
            var endpoint = client.endpoint(words.length > 0 ? words[0] : "support-bot");
            var result = endpoint.generateText(t -> t.prompt("Hola").temperature(0.2).maxTokens(300));
            System.out.println(result.text());
        }
    }
}
