/* From nothing to an answer: declares a workload, waits until it serves, calls it, deletes it. Set
 * INFERENCEKEY_SDK_TOKEN, INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: walkthrough MODEL COMMAND */
#include "sample.h"

int main(int count, char **words) {
    if (count != 3) {
        fprintf(stderr, "usage: walkthrough MODEL COMMAND\n");
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
    char ensure[2048];
    snprintf(ensure, sizeof ensure,
             "{\"spec\":{\"name\":\"walkthrough\",\"slug\":\"walkthrough\",\"model\":\"%s\",\"backend\":\"vllm\","
             "\"command\":\"%s\"}}",
             words[1], words[2]);
    int status = call(management, "ensure", ensure) ||
                 follow(management, "wait_until_ready", "{\"slug\":\"walkthrough\",\"timeout_ms\":600000}") ||
                 call(data, "generate_text", "{\"slug\":\"walkthrough\",\"prompt\":\"Hola\",\"max_tokens\":50}") ||
                 call(management, "delete", "{\"slug\":\"walkthrough\"}");
    ik_client_free(data);
    ik_client_free(management);
    return status;
}
