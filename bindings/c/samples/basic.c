/* Calls a workload once. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: basic [SLUG] */
#include "sample.h"

int main(int count, char **words) {
    ik_error *error;
    ik_client *client = client_from_environment("data", &error);
    if (!client) return fail(error);
    char arguments[512];
    snprintf(arguments, sizeof arguments, "{\"slug\":\"%s\",\"prompt\":\"Hola\",\"max_tokens\":300}",
             count > 1 ? words[1] : "support-bot");
    int status = call(client, "generate_text", arguments);
    ik_client_free(client);
    return status;
}
