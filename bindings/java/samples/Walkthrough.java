import dev.inferencekey.DataClient;
import dev.inferencekey.ManagementClient;
import dev.inferencekey.WorkloadSpec;

/**
 * From nothing to an answer: declares a workload, waits until it serves, calls it, deletes it.
 *
 * <p>Set INFERENCEKEY_SDK_TOKEN, INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT.
 * Usage: Walkthrough.java BACKEND MODEL COMMAND
 */
class Walkthrough {
    public static void main(String[] words) {
        if (words.length != 3) {
            System.err.println("usage: Walkthrough.java BACKEND MODEL COMMAND");
            System.exit(1);
        }
        var spec = WorkloadSpec.builder()
                .name("walkthrough")
                .slug("walkthrough")
                .backend(words[0])
                .model(words[1])
                .command(words[2])
                .build();
        try (var management = ManagementClient.fromEnv();
                var data = DataClient.fromEnv()) {
            System.out.println("plan: " + management.plan(spec).action());
            var ref = management.ensure(spec);
            management.waitUntilReady(ref.workloadSlug());
            var endpoint = data.endpoint(ref.workloadSlug());
            System.out.println(
                    "answer: " + endpoint.generateText(t -> t.prompt("Hola").maxTokens(50)).text());
            try (var stream = endpoint.generateTextStream(t -> t.prompt("Hola").maxTokens(50))) {
                for (var chunk : stream) {
                    System.out.print(chunk.text());
                    System.out.flush();
                }
            }
            System.out.println();
            System.out.println("deleted: " + management.delete(ref.workloadSlug()));
        }
    }
}
