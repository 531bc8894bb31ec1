import dev.inferencekey.DataClient;
import dev.inferencekey.InferenceKeyException;
import dev.inferencekey.NetworkException;
import dev.inferencekey.NotFoundException;
import dev.inferencekey.ValidationException;

/** Provokes errors and tells what each holds. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. */
class Errors {
    public static void main(String[] words) {
        try (var client = DataClient.fromEnv(o -> o.maxRetries(0))) {
            try {
                client.endpoint("support-bot").generateText(t -> t.prompt(" "));
            } catch (ValidationException error) {
                System.out.println(name(error) + ": " + error.getMessage() + " (fields: " + error.fields() + ")");
            }

            try {
                client.endpoint("nobody-knows-it").generateText(t -> t.prompt("Hola"));
            } catch (NotFoundException error) {
                System.out.println(name(error) + ": " + error.getMessage() + " (code " + error.code() + ", request "
                        + error.requestId() + ")");
            } catch (InferenceKeyException error) {
                System.out.println(name(error) + ": " + error.getMessage());
            }
        }

        try (var client = DataClient.fromEnv(o -> o.baseUrl("http://127.0.0.1:9").maxRetries(0))) {
            client.endpoint("support-bot").generateText(t -> t.prompt("Hola"));
        } catch (NetworkException error) {
            System.out.println(name(error) + ": " + error.getMessage());
        }
    }

    private static String name(Exception error) {
        return error.getClass().getSimpleName();
    }
}
