package inferencekey

/*
#include <inferencekey.h>
#include <unistd.h>

// Results come back by value, so that no Go variable has to move to the heap for its address.

typedef struct {
    ik_status status;
    ik_bytes bytes;
    ik_error *error;
} ikgo_answer;

typedef struct {
    ik_client *client;
    ik_error *error;
} ikgo_made;

typedef struct {
    ik_request *request;
    uint64_t id;
    ik_error *error;
} ikgo_started;

#define IKGO_READY 64

typedef struct {
    ik_status status;
    size_t count;
    uint64_t ids[IKGO_READY];
} ikgo_ready;

static ikgo_made ikgo_client_create(const char *configuration, size_t length) {
    ikgo_made made = {0};
    ik_client_create(configuration, length, &made.client, &made.error);
    return made;
}

static ikgo_started ikgo_start(ik_client *client, const char *operation, size_t operation_length,
                               const char *arguments, size_t arguments_length) {
    ikgo_started started = {0};
    ik_start(client, operation, operation_length, arguments, arguments_length, IK_ON_POLLED_CLIENT_LOOP,
             &started.request, &started.error);
    started.id = ik_request_id(started.request);
    return started;
}

static ikgo_answer ikgo_next(ik_request *request) {
    ikgo_answer answer = {0};
    answer.status = ik_next(request, 0, &answer.bytes, &answer.error);
    return answer;
}

static ikgo_ready ikgo_poll(ik_client *client) {
    ikgo_ready ready;
    ready.count = 0;
    ready.status = ik_poll(client, 0, ready.ids, IKGO_READY, &ready.count);
    return ready;
}

static ikgo_answer ikgo_call(ik_client *client, const char *operation, size_t operation_length,
                             const char *arguments, size_t arguments_length) {
    ikgo_answer answer = {0};
    answer.status = ik_call(client, operation, operation_length, arguments, arguments_length, &answer.bytes,
                            &answer.error);
    return answer;
}

static ikgo_answer ikgo_decide(const char *subject, size_t subject_length, const char *given, size_t given_length) {
    ikgo_answer answer = {0};
    answer.status = ik_decide(subject, subject_length, given, given_length, &answer.bytes, &answer.error);
    return answer;
}
*/
import "C"

import (
	"encoding/json"
	"fmt"
	"time"
	"unsafe"
)

// Everything that crosses into the library crosses in this file. Pointers into Go memory are handed over for the length
// of a call only.

type (
	nativeClient  = *C.ik_client
	nativeRequest = *C.ik_request
)

const (
	statusOK          = int32(C.IK_OK)
	statusEnd         = int32(C.IK_END)
	statusPending     = int32(C.IK_PENDING)
	statusInterrupted = int32(C.IK_INTERRUPTED)
)

// checkABI refuses a library that is not the one this package was written for.
func checkABI() error {
	if found := uint32(C.ik_abi_version()); found != C.IK_ABI_VERSION {
		return newError(kindConfiguration, fmt.Sprintf(
			"configuration error: libinferencekey has ABI version %d, and this package needs %d. "+
				"Build the program again with the header and the library of one release",
			found, C.IK_ABI_VERSION))
	}
	return nil
}

func nativeCreate(configuration []byte) (nativeClient, error) {
	made := C.ikgo_client_create(text(configuration), C.size_t(len(configuration)))
	if made.client == nil {
		return nil, takeError(made.error)
	}
	return made.client, nil
}

func nativeFree(client nativeClient) { C.ik_client_free(client) }

// nativeDescriptor is readable when nativePoll has something to do.
func nativeDescriptor(client nativeClient) int { return int(C.ik_client_descriptor(client)) }

func nativeStart(client nativeClient, operation operation, arguments []byte) (nativeRequest, uint64, error) {
	started := C.ikgo_start(
		client, text(operation), C.size_t(len(operation)), text(arguments), C.size_t(len(arguments)))
	if started.request == nil {
		return nil, 0, takeError(started.error)
	}
	return started.request, uint64(started.id), nil
}

// nativeNext never waits. The bytes are the caller's.
func nativeNext(request nativeRequest) (int32, []byte, error) {
	answer := C.ikgo_next(request)
	return int32(answer.status), takeBytes(&answer.bytes), takeError(answer.error)
}

func nativeRequestFree(request nativeRequest) { C.ik_request_free(request) }

// nativePoll does what there is to do and calls found for each request that has news. It says whether there may be
// more.
func nativePoll(client nativeClient, found func(id uint64)) bool {
	ready := C.ikgo_poll(client)
	for _, id := range ready.ids[:ready.count] {
		found(uint64(id))
	}
	return ready.count > 0 || int32(ready.status) == statusInterrupted
}

// nativeCall runs an operation that sends nothing.
func nativeCall(client nativeClient, operation operation, arguments []byte) ([]byte, error) {
	answer := C.ikgo_call(
		client, text(operation), C.size_t(len(operation)), text(arguments), C.size_t(len(arguments)))
	return takeBytes(&answer.bytes), takeError(answer.error)
}

func nativeDecide(subject, given []byte) ([]byte, error) {
	answer := C.ikgo_decide(text(subject), C.size_t(len(subject)), text(given), C.size_t(len(given)))
	return takeBytes(&answer.bytes), takeError(answer.error)
}

// isTerminal tells whether somebody may be watching the descriptor.
func isTerminal(descriptor uintptr) bool { return C.isatty(C.int(descriptor)) == 1 }

func text(bytes []byte) *C.char {
	if len(bytes) == 0 {
		return nil
	}
	return (*C.char)(unsafe.Pointer(&bytes[0]))
}

func takeBytes(bytes *C.ik_bytes) []byte {
	if bytes.data == nil {
		return nil
	}
	copied := C.GoBytes(unsafe.Pointer(bytes.data), C.int(bytes.length))
	C.ik_bytes_free(bytes)
	return copied
}

// takeError turns an error of the library into one of this package, and frees it; nil stays nil.
func takeError(found *C.ik_error) error {
	if found == nil {
		return nil
	}
	defer C.ik_error_free(found)
	details := Details{
		Kind:      C.GoString(found.kind_name),
		Message:   C.GoString(found.message),
		Status:    int(found.status),
		Code:      C.GoString(found.code),
		RequestID: C.GoString(found.request_id),
	}
	if found.retry_after_ms > 0 {
		details.RetryAfter = time.Duration(found.retry_after_ms) * time.Millisecond
	}
	// An object of texts by the header's word; what is none would leave the map empty.
	_ = json.Unmarshal([]byte(C.GoString(found.fields)), &details.Fields)
	return errorOfKind(int32(found.kind), details)
}
