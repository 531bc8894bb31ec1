/* Carries out operations that come on standard input, three lines each: the configuration of a client, the name of the
 * operation, its arguments. Answers each with one line: "= RESULT", the events of a stream under "items", or
 * "! {kind, message, code}". */
#include <inferencekey.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *line(void) {
    char *text = NULL;
    size_t capacity = 0;
    if (getline(&text, &capacity, stdin) < 0) {
        free(text);
        return NULL;
    }
    text[strcspn(text, "\n")] = 0;
    return text;
}

static void print_text(const char *text) {
    if (!text) {
        printf("null");
        return;
    }
    putchar('"');
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < 0x20)
            printf("\\u%04x", *at);
        else
            printf(*at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    }
    putchar('"');
}

static void print_error(ik_error *error) {
    printf("! {\"kind\":");
    print_text(error->kind_name);
    printf(",\"message\":");
    print_text(error->message);
    printf(",\"code\":");
    print_text(error->code);
    printf("}\n");
    ik_error_free(error);
}

static int is_stream(const char *operation) {
    return strcmp(operation, "generate_text_stream") == 0 || strcmp(operation, "follow_logs") == 0 ||
           strcmp(operation, "wait_until_ready") == 0;
}

/* JSON has line breaks between its values alone. */
static void print_in_one_line(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) putchar(text[i] == '\n' || text[i] == '\r' ? ' ' : text[i]);
}

static void call(ik_client *client, const char *operation, const char *arguments) {
    ik_bytes answer;
    ik_error *error;
    if (ik_call(client, operation, strlen(operation), arguments, strlen(arguments), &answer, &error) != IK_OK) {
        print_error(error);
        return;
    }
    printf("= ");
    print_in_one_line((const char *)answer.data, answer.length);
    printf("\n");
    ik_bytes_free(&answer);
}

/* Joins the arrays that come into one. */
static void follow(ik_client *client, const char *operation, const char *arguments) {
    ik_request *request;
    ik_error *error;
    if (ik_start(client, operation, strlen(operation), arguments, strlen(arguments), IK_ON_CALLING_THREAD, &request,
                 &error) != IK_OK) {
        print_error(error);
        return;
    }
    char *items = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&items, &length);
    ik_bytes events;
    ik_status status;
    const char *comma = "";
    while ((status = ik_next(request, -1, &events, &error)) == IK_OK || status == IK_INTERRUPTED) {
        if (events.length > 2) {
            fprintf(out, "%s%.*s", comma, (int)events.length - 2, (const char *)events.data + 1);
            comma = ",";
        }
        ik_bytes_free(&events);
    }
    fclose(out);
    if (status == IK_END) {
        printf("= {\"items\":[");
        print_in_one_line(items, length);
        printf("]}\n");
    } else {
        print_error(error);
    }
    free(items);
    ik_request_free(request);
}

int main(void) {
    char *configuration;
    while ((configuration = line())) {
        char *operation = line(), *arguments = line();
        if (!arguments) return 2;
        ik_client *client;
        ik_error *error;
        if (ik_client_create(configuration, strlen(configuration), &client, &error) != IK_OK) {
            print_error(error);
        } else {
            (is_stream(operation) ? follow : call)(client, operation, arguments);
            ik_client_free(client);
        }
        fflush(stdout);
        free(configuration), free(operation), free(arguments);
    }
    return 0;
}
