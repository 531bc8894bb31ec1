/* Runs the cases of conformance/ that come on standard input, four lines each: name, subject, given, and what is
 * expected: "= JSON" for the whole answer, "~ TEXT" for a text that stands in it. Answers each with a line, "passed" or
 * "failed", and tells on standard error what failed. */
#include <inferencekey.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *line(void) {
    char *text = NULL;
    size_t capacity = 0;
    ssize_t length = getline(&text, &capacity, stdin);
    if (length < 0) {
        free(text);
        return NULL;
    }
    text[strcspn(text, "\n")] = 0;
    return text;
}

static char *decided(const char *subject, const char *given) {
    ik_bytes answer;
    ik_error *error;
    if (ik_decide(subject, strlen(subject), given, strlen(given), &answer, &error) != IK_OK) {
        char *message = strdup(error->message);
        ik_error_free(error);
        return message;
    }
    char *text = strndup((const char *)answer.data, answer.length);
    ik_bytes_free(&answer);
    return text;
}

/* Appends the text as a JSON string. */
static char *quote(char *out, const char *text) {
    *out++ = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') *out++ = '\\';
        *out++ = *text;
    }
    *out++ = '"';
    *out = 0;
    return out;
}

static int means_the_same(const char *left, const char *right) {
    char *given = malloc(2 * (strlen(left) + strlen(right)) + 64);
    char *end = given + sprintf(given, "{\"left\":");
    end = quote(end, left);
    end += sprintf(end, ",\"right\":");
    end = quote(end, right);
    sprintf(end, "}");
    char *answer = decided("json-equality", given);
    int same = strcmp(answer, "{\"equal\":true}") == 0;
    free(answer);
    free(given);
    return same;
}

int main(void) {
    int failed = 0;
    char *name;
    while ((name = line())) {
        char *subject = line(), *given = line(), *expected = line();
        if (!expected) return 2;
        char *found = decided(subject, given);
        int ok = expected[0] == '=' ? means_the_same(found, expected + 2) : strstr(found, expected + 2) != NULL;
        if (!ok) {
            failed = 1;
            fprintf(stderr, "%s: %s\n  expected %s\n  found    %s\n", subject, name, expected, found);
        }
        printf("%s\n", ok ? "passed" : "failed");
        free(name), free(subject), free(given), free(expected), free(found);
    }
    return failed;
}
