/* What the samples share: settings from the environment, how a failure is told, and as much JSON as they need. A program of
 * yours has a JSON library. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <inferencekey.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON ---------------------------------------------------------------------------------------------------------- */

/* Writes the text as a JSON string; what does not fit is cut off. */
static inline void quote(char *out, size_t capacity, const char *text) {
    char *end = out + capacity - 8;
    *out++ = '"';
    for (; *text && out < end; text++) {
        if (*text == '"' || *text == '\\') *out++ = '\\';
        if ((unsigned char)*text < 0x20)
            out += sprintf(out, "\\u%04x", *text);
        else
            *out++ = *text;
    }
    *out++ = '"';
    *out = 0;
}

/* Behind the string that begins at `at`. */
static inline const char *string_end(const char *at) {
    for (at++; *at != '"'; at++) at += *at == '\\';
    return at + 1;
}

static inline void print_code_point(unsigned code) {
    if (code < 0x80)
        putchar((int)code);
    else if (code < 0x800)
        printf("%c%c", 0xC0 | code >> 6, 0x80 | (code & 63));
    else if (code < 0x10000)
        printf("%c%c%c", 0xE0 | code >> 12, 0x80 | (code >> 6 & 63), 0x80 | (code & 63));
    else
        printf("%c%c%c%c", 0xF0 | code >> 18, 0x80 | (code >> 12 & 63), 0x80 | (code >> 6 & 63), 0x80 | (code & 63));
}

/* The four hexadecimal digits at `at`. */
static inline unsigned hex4(const char *at) {
    unsigned code = 0;
    for (int i = 0; i < 4; i++) code = code << 4 | (unsigned)((at[i] & 15) + (at[i] > '9' ? 9 : 0));
    return code;
}

/* Prints what the string that begins at `at` says. */
static inline void print_string(const char *at) {
    static const char escapes[] = "b\bf\fn\nr\rt\t\"\"\\\\//";
    for (at++; *at != '"'; at++) {
        if (*at != '\\') {
            putchar(*at);
        } else if (*++at != 'u') {
            putchar(strchr(escapes, *at)[1]);
        } else {
            unsigned code = hex4(at + 1);
            at += 4;
            if (code >> 10 == 0x36) { /* the first half of a pair */
                code = 0x10000 + ((code & 0x3FF) << 10) + (hex4(at + 3) & 0x3FF);
                at += 6;
            }
            print_code_point(code);
        }
    }
}

/* Prints the member's value wherever an object at this depth has one: 1 is the outermost value. */
static inline void print_members(const ik_bytes *json, const char *name, int depth) {
    const char *at = (const char *)json->data, *end = at + json->length;
    int level = 0;
    while (at < end) {
        if (*at == '{' || *at == '[') level++;
        if (*at == '}' || *at == ']') level--;
        if (*at != '"') {
            at++;
            continue;
        }
        const char *behind = string_end(at);
        size_t length = (size_t)(behind - at) - 2;
        int is_it = behind < end && *behind == ':' && level == depth && strlen(name) == length &&
                    strncmp(at + 1, name, length) == 0;
        at = behind + is_it;
        if (is_it && *at == '"')
            print_string(at);
        else if (is_it)
            printf("%.*s", (int)strcspn(at, ",}]"), at);
        if (is_it && *at == '"') at = string_end(at);
    }
}

/* ---- Calls --------------------------------------------------------------------------------------------------------- */

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
    char configuration[4096], text[1024];
    int length = snprintf(configuration, sizeof configuration, "{\"plane\":\"%s\",\"environment\":{", plane);
    const char *comma = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!getenv(names[i])) continue;
        quote(text, sizeof text / 2, getenv(names[i]));
        length += snprintf(configuration + length, sizeof configuration - (size_t)length, "%s\"%s\":%s", comma,
                           names[i], text);
        comma = ",";
    }
    length += snprintf(configuration + length, sizeof configuration - (size_t)length, "}}");
    ik_client *client = NULL;
    ik_client_create(configuration, (size_t)length, &client, error);
    return client;
}

/* Carries out a plain operation, and prints one member of its result after the label, unless the member is NULL. */
static inline int call(ik_client *client, const char *operation, const char *arguments, const char *label,
                       const char *member) {
    ik_bytes answer;
    ik_error *error;
    if (ik_call(client, operation, strlen(operation), arguments, strlen(arguments), &answer, &error) != IK_OK)
        return fail(error);
    if (member) {
        printf("%s", label);
        print_members(&answer, member, 1);
        printf("\n");
    }
    ik_bytes_free(&answer);
    return 0;
}

/* Reads a streaming operation to its end, and prints one member of each event as it comes, unless the member is NULL. */
static inline int follow(ik_client *client, const char *operation, const char *arguments, const char *member) {
    ik_request *request;
    ik_error *error;
    if (ik_start(client, operation, strlen(operation), arguments, strlen(arguments), IK_ON_CALLING_THREAD, &request,
                 &error) != IK_OK)
        return fail(error);
    ik_bytes events;
    ik_status status;
    while ((status = ik_next(request, -1, &events, &error)) == IK_OK || status == IK_INTERRUPTED) {
        if (member) print_members(&events, member, 2);
        fflush(stdout);
        ik_bytes_free(&events);
    }
    if (member) printf("\n");
    ik_request_free(request);
    return status == IK_END ? 0 : fail(error);
}

#endif
