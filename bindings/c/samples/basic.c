/* Calls a workload once. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: basic [SLUG] */
#include "sample.h"

int main(int count, char **words) {
    ik_error *error;
    ik_client *client = client_from_environment("data", &error);
    if (!client) return fail(error);
    char slug[256], arguments[512];
    quote(slug, sizeof slug, count > 1 ? words[1] : "support-bot");
    snprintf(arguments, sizeof arguments, "{\"slug\":%s,\"prompt\":\"Hola\",\"temperature\":0.2,\"max_tokens\":300}", slug);
    int status = call(client, "generate_text", arguments, "", "text");
    ik_client_free(client);
    return status;
}
