/* From nothing to an answer: declares a workload, waits until it serves, calls it, deletes it. Set
 * INFERENCEKEY_SDK_TOKEN, INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: walkthrough BACKEND MODEL COMMAND */
#include "sample.h"

static int declare(ik_client *management, char **words) {
    char backend[256], model[1024], command[4096], arguments[6144];
    quote(backend, sizeof backend, words[1]);
    quote(model, sizeof model, words[2]);
    quote(command, sizeof command, words[3]);
    snprintf(arguments, sizeof arguments,
             "{\"spec\":{\"name\":\"walkthrough\",\"slug\":\"walkthrough\",\"backend\":%s,\"model\":%s,\"command\":%s}}",
             backend, model, command);
    return call(management, "plan", arguments, "plan: ", "action") || call(management, "ensure", arguments, NULL, NULL);
}

int main(int count, char **words) {
    if (count != 4) {
        fprintf(stderr, "usage: walkthrough BACKEND MODEL COMMAND\n");
        return 2;
    }
    ik_error *error;
    ik_client *management = client_from_environment("control", &error);
    if (!management) return fail(error);
    ik_client *data = client_from_environment("data", &error);
    if (!data) {
        ik_client_free(management);
        return fail(error);
    }
    const char *prompt = "{\"slug\":\"walkthrough\",\"prompt\":\"Hola\",\"max_tokens\":50}";
    int status = declare(management, words) ||
                 follow(management, "wait_until_ready", "{\"slug\":\"walkthrough\",\"timeout_ms\":600000}", NULL) ||
                 call(data, "generate_text", prompt, "answer: ", "text") ||
                 follow(data, "generate_text_stream", prompt, "text") ||
                 call(management, "delete", "{\"slug\":\"walkthrough\"}", "deleted: ", "deleted");
    ik_client_free(data);
    ik_client_free(management);
    return status;
}
