/* Runs the cases of conformance/ that come on standard input, four lines each: name, subject, given, and what is
 * expected: "= JSON" for the whole answer, "~ TEXT" for a text that stands in it. Prints the name of each that fails. */
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
    int passed = 0, failed = 0;
    char *name;
    while ((name = line())) {
        char *subject = line(), *given = line(), *expected = line();
        if (!expected) return 2;
        char *found = decided(subject, given);
        int ok = expected[0] == '=' ? means_the_same(found, expected + 2) : strstr(found, expected + 2) != NULL;
        if (ok) {
            passed++;
        } else {
            failed++;
            printf("%s: %s\n  expected %s\n  found    %s\n", subject, name, expected, found);
        }
        free(name), free(subject), free(given), free(expected), free(found);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
