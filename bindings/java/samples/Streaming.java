import dev.inferencekey.DataClient;

/**
 * Generates a text piece by piece. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: Streaming.java [SLUG]
 */
class Streaming {
    public static void main(String[] words) {
        try (var client = DataClient.fromEnv()) {
            var endpoint = client.endpoint(words.length > 0 ? words[0] : "support-bot");
            try (var stream = endpoint.generateTextStream(t -> t.prompt("Count to five"))) {
                for (var chunk : stream) {
                    System.out.print(chunk.text());
                    System.out.flush();
                }
            }
            System.out.println();
        }
    }
}
