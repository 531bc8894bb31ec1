/* The C library for Java: nothing but translation. Text crosses as UTF-8 in byte[]; handles are longs, and who owns one
 * keeps it from being used after it was freed. */
#include <errno.h>
#include <jni.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "inferencekey.h"

#define NATIVE(result, name) JNIEXPORT result JNICALL Java_dev_inferencekey_internal_Native_##name

/* The factory of exceptions, and what answers that nothing has come. */
static jclass failures, out_of_memory;
static jmethodID make_failure;
static jbyteArray nothing_yet;

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *machine, void *reserved) {
    (void)reserved;
    JNIEnv *env;
    if ((*machine)->GetEnv(machine, (void **)&env, JNI_VERSION_10) != JNI_OK) return JNI_ERR;
    jclass found = (*env)->FindClass(env, "dev/inferencekey/internal/Failures");
    if (!found) return JNI_ERR;
    failures = (*env)->NewGlobalRef(env, found);
    make_failure = (*env)->GetStaticMethodID(env, found, "make", "(IIJ[B[B[B[B)Ljava/lang/RuntimeException;");
    found = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
    if (!found || !make_failure) return JNI_ERR;
    out_of_memory = (*env)->NewGlobalRef(env, found);
    jbyteArray empty = (*env)->NewByteArray(env, 0);
    if (!empty) return JNI_ERR;
    nothing_yet = (*env)->NewGlobalRef(env, empty);
    return failures && out_of_memory && nothing_yet ? JNI_VERSION_10 : JNI_ERR;
}

/* ---- Bytes and errors -------------------------------------------------------------------------------------------- */

#define SMALL 2048

/* A copy of a byte[]: in `space` where it fits. */
typedef struct {
    char *data;
    size_t length;
    char space[SMALL];
} Text;

/* False with an exception pending. */
static int take(JNIEnv *env, jbyteArray array, Text *text) {
    jsize length = (*env)->GetArrayLength(env, array);
    text->length = (size_t)length;
    text->data = text->length <= SMALL ? text->space : malloc(text->length);
    if (!text->data) {
        (*env)->ThrowNew(env, out_of_memory, "the arguments of a request");
        return 0;
    }
    (*env)->GetByteArrayRegion(env, array, 0, length, (jbyte *)text->data);
    return 1;
}

static void drop(Text *text) {
    if (text->data != text->space) free(text->data);
}

static jbyteArray array_of(JNIEnv *env, const void *data, size_t length) {
    if (length > INT32_MAX) {
        (*env)->ThrowNew(env, out_of_memory, "an answer of more than 2 GiB");
        return NULL;
    }
    jbyteArray array = (*env)->NewByteArray(env, (jsize)length);
    if (array && length > 0) (*env)->SetByteArrayRegion(env, array, 0, (jsize)length, data);
    return array;
}

static jbyteArray give(JNIEnv *env, ik_bytes *bytes) {
    jbyteArray array = array_of(env, bytes->data, bytes->length);
    ik_bytes_free(bytes);
    return array;
}

/* Makes `*array`, or leaves NULL for NULL. False with an exception pending. */
static int array_of_text(JNIEnv *env, const char *text, jbyteArray *array) {
    *array = NULL;
    return !text || (*array = array_of(env, text, strlen(text))) != NULL;
}

/* Throws what the error stands for, and frees it. */
static void fail(JNIEnv *env, ik_error *error) {
    jbyteArray message, code, request_id, fields;
    if (error && array_of_text(env, error->message, &message) && array_of_text(env, error->code, &code) &&
        array_of_text(env, error->request_id, &request_id) && array_of_text(env, error->fields, &fields)) {
        jobject failure =
            (*env)->CallStaticObjectMethod(env, failures, make_failure, (jint)error->kind, (jint)error->status,
                                           (jlong)error->retry_after_ms, message, code, request_id, fields);
        if (failure && !(*env)->ExceptionCheck(env)) (*env)->Throw(env, failure);
    }
    ik_error_free(error);
}

/* ---- The library ------------------------------------------------------------------------------------------------- */

NATIVE(jlong, abiVersions)(JNIEnv *env, jclass type) {
    (void)env, (void)type;
    return (jlong)IK_ABI_VERSION << 32 | ik_abi_version();
}

NATIVE(jboolean, isTerminal)(JNIEnv *env, jclass type, jint descriptor) {
    (void)env, (void)type;
    return isatty(descriptor) == 1;
}

NATIVE(jbyteArray, decide)(JNIEnv *env, jclass type, jbyteArray subject, jbyteArray given) {
    (void)type;
    Text name, text;
    if (!take(env, subject, &name)) return NULL;
    if (!take(env, given, &text)) {
        drop(&name);
        return NULL;
    }
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    ik_status status = ik_decide(name.data, name.length, text.data, text.length, &answer, &error);
    drop(&name);
    drop(&text);
    if (status == IK_OK) return give(env, &answer);
    fail(env, error);
    return NULL;
}

/* ---- Clients ----------------------------------------------------------------------------------------------------- */

NATIVE(jlong, createClient)(JNIEnv *env, jclass type, jbyteArray configuration) {
    (void)type;
    Text text;
    if (!take(env, configuration, &text)) return 0;
    ik_client *client = NULL;
    ik_error *error = NULL;
    ik_status status = ik_client_create(text.data, text.length, &client, &error);
    drop(&text);
    if (status != IK_OK) fail(env, error);
    return (jlong)(intptr_t)client;
}

NATIVE(void, freeClient)(JNIEnv *env, jclass type, jlong client) {
    (void)env, (void)type;
    ik_client_free((ik_client *)(intptr_t)client);
}

/* ---- Requests ---------------------------------------------------------------------------------------------------- */

NATIVE(jlong, start)(JNIEnv *env, jclass type, jlong client, jbyteArray operation, jbyteArray arguments, jint where) {
    (void)type;
    Text name, text;
    if (!take(env, operation, &name)) return 0;
    if (!take(env, arguments, &text)) {
        drop(&name);
        return 0;
    }
    ik_request *request = NULL;
    ik_error *error = NULL;
    ik_status status = ik_start((ik_client *)(intptr_t)client, name.data, name.length, text.data, text.length, where,
                                &request, &error);
    drop(&name);
    drop(&text);
    if (status != IK_OK) fail(env, error);
    return (jlong)(intptr_t)request;
}

/* The answer; nothing at all (an empty array) where nothing has come yet; NULL at the end. */
NATIVE(jbyteArray, next)(JNIEnv *env, jclass type, jlong request, jlong timeout_ms) {
    (void)type;
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    ik_status status;
    do status = ik_next((ik_request *)(intptr_t)request, timeout_ms, &answer, &error);
    while (status == IK_INTERRUPTED);
    switch (status) {
    case IK_OK: return give(env, &answer);
    case IK_PENDING: return nothing_yet;
    case IK_FAILED: fail(env, error);
    }
    return NULL;
}

NATIVE(jlong, requestId)(JNIEnv *env, jclass type, jlong request) {
    (void)env, (void)type;
    return (jlong)ik_request_id((ik_request *)(intptr_t)request);
}

NATIVE(void, cancel)(JNIEnv *env, jclass type, jlong request) {
    (void)env, (void)type;
    ik_cancel((ik_request *)(intptr_t)request);
}

NATIVE(void, freeRequest)(JNIEnv *env, jclass type, jlong request) {
    (void)env, (void)type;
    ik_request_free((ik_request *)(intptr_t)request);
}

/* ---- The loop of a client ---------------------------------------------------------------------------------------- */

/* Negative where it cannot be had. */
NATIVE(jint, descriptor)(JNIEnv *env, jclass type, jlong client) {
    (void)env, (void)type;
    return ik_client_descriptor((ik_client *)(intptr_t)client);
}

/* A descriptor that wakes who waits in `poll`; -1 where there is none left. */
NATIVE(jint, openBell)(JNIEnv *env, jclass type) {
    (void)env, (void)type;
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

NATIVE(void, ringBell)(JNIEnv *env, jclass type, jint bell) {
    (void)env, (void)type;
    uint64_t one = 1;
    while (write(bell, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

NATIVE(void, closeBell)(JNIEnv *env, jclass type, jint bell) {
    (void)env, (void)type;
    close(bell);
}

#define MAX_POLLED 256

/* Waits until requests of the client's loop have something, or the bell rings; puts their ids into `ids`. */
NATIVE(jint, poll)(JNIEnv *env, jclass type, jlong handle, jint descriptor, jint bell, jlongArray ids) {
    (void)type;
    ik_client *client = (ik_client *)(intptr_t)handle;
    jsize capacity = (*env)->GetArrayLength(env, ids);
    uint64_t found[MAX_POLLED];
    size_t count = 0;
    if (capacity > MAX_POLLED) capacity = MAX_POLLED;
    ik_poll(client, 0, found, (size_t)capacity, &count);
    if (count == 0) {
        struct pollfd both[] = {{.fd = descriptor, .events = POLLIN}, {.fd = bell, .events = POLLIN}};
        poll(both, 2, -1);
        ik_poll(client, 0, found, (size_t)capacity, &count);
    }
    (*env)->SetLongArrayRegion(env, ids, 0, (jsize)count, (const jlong *)found);
    return (jint)count;
}
