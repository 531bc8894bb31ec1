/* Generates a text piece by piece. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: streaming [SLUG] */
#include "sample.h"

int main(int count, char **words) {
    ik_error *error;
    ik_client *client = client_from_environment("data", &error);
    if (!client) return fail(error);
    char slug[256], arguments[512];
    quote(slug, sizeof slug, count > 1 ? words[1] : "support-bot");
    snprintf(arguments, sizeof arguments, "{\"slug\":%s,\"prompt\":\"Count to five\"}", slug);
    int status = follow(client, "generate_text_stream", arguments, "text");
    ik_client_free(client);
    return status;
}
