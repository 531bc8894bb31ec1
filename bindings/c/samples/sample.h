/* What the samples share: settings from the environment, and how a failure is told. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <inferencekey.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tells the error and frees it. */
static inline int fail(ik_error *error) {
    fprintf(stderr, "%s: %s\n", error->kind_name, error->message);
    ik_error_free(error);
    return 1;
}

/* A client of the plane, set up by the four variables of the environment. */
static inline ik_client *client_from_environment(const char *plane, ik_error **error) {
    static const char *const names[] = {"INFERENCEKEY_SDK_TOKEN", "INFERENCEKEY_API_KEY", "INFERENCEKEY_PROJECT",
                                        "INFERENCEKEY_BASE_URL"};
    char configuration[4096];
    int length = snprintf(configuration, sizeof configuration, "{\"plane\":\"%s\",\"environment\":{", plane);
    const char *comma = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (!value) continue;
        length += snprintf(configuration + length, sizeof configuration - (size_t)length, "%s\"%s\":\"%s\"", comma,
                           names[i], value);
        comma = ",";
    }
    length += snprintf(configuration + length, sizeof configuration - (size_t)length, "}}");
    ik_client *client = NULL;
    ik_client_create(configuration, (size_t)length, &client, error);
    return client;
}

/* The result of a plain operation, on standard output. */
static inline int call(ik_client *client, const char *operation, const char *arguments) {
    ik_bytes answer;
    ik_error *error;
    if (ik_call(client, operation, strlen(operation), arguments, strlen(arguments), &answer, &error) != IK_OK)
        return fail(error);
    printf("%.*s\n", (int)answer.length, (const char *)answer.data);
    ik_bytes_free(&answer);
    return 0;
}

/* Everything that a streaming operation brings, a line each time that something has arrived. */
static inline int follow(ik_client *client, const char *operation, const char *arguments) {
    ik_request *request;
    ik_error *error;
    if (ik_start(client, operation, strlen(operation), arguments, strlen(arguments), IK_ON_CALLING_THREAD, &request,
                 &error) != IK_OK)
        return fail(error);
    ik_bytes events;
    ik_status status;
    while ((status = ik_next(request, -1, &events, &error)) == IK_OK || status == IK_INTERRUPTED) {
        printf("%.*s\n", (int)events.length, (const char *)events.data);
        ik_bytes_free(&events);
    }
    ik_request_free(request);
    return status == IK_END ? 0 : fail(error);
}

#endif
