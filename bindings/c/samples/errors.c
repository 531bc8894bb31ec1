/* Provokes errors and tells what each holds. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. */
#include "sample.h"

static void provoke(ik_client *client, const char *arguments) {
    ik_bytes answer;
    ik_error *error;
    if (ik_call(client, "generate_text", 13, arguments, strlen(arguments), &answer, &error) == IK_OK) {
        printf("no error at all\n");
        ik_bytes_free(&answer);
        return;
    }
    printf("%s (kind %d, status %d, code %s): %s\n", error->kind_name, error->kind, error->status,
           error->code ? error->code : "none", error->message);
    ik_error_free(error);
}

int main(void) {
    ik_error *error;
    ik_client *client = client_from_environment("data", &error);
    if (!client) return fail(error);
    provoke(client, "{\"slug\":\"support-bot\",\"prompt\":\" \"}");
    provoke(client, "{\"slug\":\"nobody-knows-it\",\"prompt\":\"Hola\",\"options\":{\"max_retries\":0}}");
    ik_client_free(client);

    /* Nobody listens there. */
    setenv("INFERENCEKEY_BASE_URL", "http://127.0.0.1:9", 1);
    client = client_from_environment("data", &error);
    if (!client) return fail(error);
    provoke(client, "{\"slug\":\"support-bot\",\"prompt\":\"Hola\",\"options\":{\"max_retries\":0}}");
    ik_client_free(client);
    return 0;
}
