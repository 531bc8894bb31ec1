/* The C library for Python: the stable ABI of 3.9, nothing but translation. Waits give the interpreter's lock away. */
#include "_texts.h"

/* Makes an exception of an error's members; set by set_factories. */
static PyObject *error_factory = NULL;

static const char CLIENT[] = "inferencekey.client";
static const char REQUEST[] = "inferencekey.request";

typedef struct Request Request;

/* Its members change under the interpreter's lock only. */
typedef struct {
    ik_client *client;  /* NULL once it is closed; the library says so to who calls with it */
    ik_client *leaving; /* closed, and freed by the last who polls it */
    int polling;        /* threads in ik_poll */
    Request *requests;
} Client;

/* Known to its client until that is closed, or it is freed itself. */
struct Request {
    ik_request *request;
    PyObject *client;  /* kept as long as the request */
    int is_waited_for; /* a thread is in ik_next */
    int is_closed;
    Request *previous, *next;
};

/* ---- Errors and bytes ---------------------------------------------------------------------------------------------- */

static PyObject *text_or_none(const char *text) {
    if (text) return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
    Py_INCREF(Py_None);
    return Py_None;
}

/* Sets the exception that the error stands for, and frees the error. Returns NULL. */
static PyObject *raise_error(ik_error *error) {
    if (!error) {
        PyErr_SetString(PyExc_RuntimeError, "libinferencekey failed without an error");
        return NULL;
    }
    PyObject *message = text_or_none(error->message), *code = text_or_none(error->code);
    PyObject *request_id = text_or_none(error->request_id), *fields = text_or_none(error->fields);
    if (message && code && request_id && fields && error_factory) {
        PyObject *exception = PyObject_CallFunction(error_factory, "iOiOOLO", (int)error->kind, message,
                                                    (int)error->status, code, request_id,
                                                    (long long)error->retry_after_ms, fields);
        if (exception) {
            PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
            Py_DECREF(exception);
        }
    } else if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, error->message);
    }
    Py_XDECREF(message);
    Py_XDECREF(code);
    Py_XDECREF(request_id);
    Py_XDECREF(fields);
    ik_error_free(error);
    return NULL;
}

/* Raises what this file finds itself. Returns NULL. */
static PyObject *raise_own(int kind, const char *message) {
    PyObject *exception =
        PyObject_CallFunction(error_factory, "isiOOLs", kind, message, 0, Py_None, Py_None, -1LL, "{}");
    if (!exception) return NULL;
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_DECREF(exception);
    return NULL;
}

/* What the library says to a call of a client that is closed. Returns NULL. */
static PyObject *raise_closed(void) {
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    ik_call(NULL, "endpoint", 8, "{}", 2, &answer, &error);
    return raise_error(error);
}

static PyObject *take_bytes(ik_bytes *bytes) {
    PyObject *taken = PyBytes_FromStringAndSize((const char *)bytes->data, (Py_ssize_t)bytes->length);
    ik_bytes_free(bytes);
    return taken;
}

/* ---- Clients ------------------------------------------------------------------------------------------------------- */

static Client *client_of(PyObject *capsule) { return PyCapsule_GetPointer(capsule, CLIENT); }

static void request_free(Request *request);

static void request_add(Request *request, Client *client) {
    request->next = client->requests;
    if (request->next) request->next->previous = request;
    client->requests = request;
}

static void request_remove(Request *request, Client *client) {
    if (request->previous) request->previous->next = request->next;
    else if (client->requests == request) client->requests = request->next;
    if (request->next) request->next->previous = request->previous;
    request->previous = request->next = NULL;
}

/* Ends every request, then closes the connections. Gives the interpreter's lock away meanwhile. */
static void client_shut(Client *client) {
    ik_client *freed = client->client;
    if (!freed) return;
    client->client = NULL;
    for (Request *request; (request = client->requests);) {
        request_remove(request, client);
        if (request->is_waited_for) ik_cancel(request->request);
        else request_free(request);
    }
    if (client->polling) {
        client->leaving = freed;
        return;
    }
    Py_BEGIN_ALLOW_THREADS;
    ik_client_free(freed);
    Py_END_ALLOW_THREADS;
}

static void client_destroy(PyObject *capsule) {
    Client *client = client_of(capsule);
    if (!client) return;
    client_shut(client);
    PyMem_Free(client);
}

static PyObject *client_close(PyObject *module, PyObject *capsule) {
    Client *client = client_of(capsule);
    if (!client) return NULL;
    client_shut(client);
    Py_RETURN_NONE;
}

static PyObject *client_is_closed(PyObject *module, PyObject *capsule) {
    Client *client = client_of(capsule);
    return client ? PyBool_FromLong(!client->client) : NULL;
}

static PyObject *client_create(PyObject *module, PyObject *arguments) {
    const char *text;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(arguments, "s#", &text, &length)) return NULL;
    ik_client *made = NULL;
    ik_error *error = NULL;
    if (ik_client_create(text, (size_t)length, &made, &error) != IK_OK) return raise_error(error);
    Client *client = PyMem_Malloc(sizeof *client);
    if (!client) {
        ik_client_free(made);
        return PyErr_NoMemory();
    }
    *client = (Client){.client = made};
    PyObject *capsule = PyCapsule_New(client, CLIENT, client_destroy);
    if (!capsule) {
        ik_client_free(made);
        PyMem_Free(client);
    }
    return capsule;
}

static PyObject *client_descriptor(PyObject *module, PyObject *capsule) {
    Client *client = client_of(capsule);
    if (!client) return NULL;
    if (!client->client) return raise_closed();
    int descriptor = ik_client_descriptor(client->client);
    if (descriptor >= 0) return PyLong_FromLong(descriptor);
    return raise_own(IK_ERROR_NETWORK,
                     "network error: no more connections can be had (this process has no file descriptor left); raise "
                     "the limit of open files (ulimit -n)");
}

#define MAX_POLLED 256

static PyObject *client_poll(PyObject *module, PyObject *arguments) {
    PyObject *capsule;
    long long timeout_ms;
    if (!PyArg_ParseTuple(arguments, "OL", &capsule, &timeout_ms)) return NULL;
    Client *client = client_of(capsule);
    if (!client) return NULL;
    uint64_t ids[MAX_POLLED];
    size_t count = 0;
    ik_client *polled = client->client, *leaving = NULL;
    client->polling++;
    Py_BEGIN_ALLOW_THREADS;
    ik_poll(polled, timeout_ms, ids, MAX_POLLED, &count);
    Py_END_ALLOW_THREADS;
    if (--client->polling == 0) {
        leaving = client->leaving;
        client->leaving = NULL;
    }
    if (leaving) {
        Py_BEGIN_ALLOW_THREADS;
        ik_client_free(leaving);
        Py_END_ALLOW_THREADS;
    }
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *id = PyLong_FromUnsignedLongLong(ids[i]);
        if (!id || PyList_SetItem(list, (Py_ssize_t)i, id) != 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

/* ---- Requests ------------------------------------------------------------------------------------------------------ */

static void request_free(Request *request) {
    ik_request *freed = request->request;
    if (!freed) return;
    request->request = NULL;
    request_remove(request, client_of(request->client));
    Py_BEGIN_ALLOW_THREADS;
    ik_request_free(freed);
    Py_END_ALLOW_THREADS;
}

static void request_destroy(PyObject *capsule) {
    Request *request = PyCapsule_GetPointer(capsule, REQUEST);
    if (!request) return;
    request_free(request);
    Py_DECREF(request->client);
    PyMem_Free(request);
}

static Request *request_of(PyObject *capsule) { return PyCapsule_GetPointer(capsule, REQUEST); }

static PyObject *request_start(PyObject *module, PyObject *arguments) {
    PyObject *capsule;
    const char *operation, *text;
    Py_ssize_t operation_length, length;
    int where;
    if (!PyArg_ParseTuple(arguments, "Os#s#i", &capsule, &operation, &operation_length, &text, &length, &where))
        return NULL;
    Client *client = client_of(capsule);
    if (!client) return NULL;
    ik_request *made = NULL;
    ik_error *error = NULL;
    if (ik_start(client->client, operation, (size_t)operation_length, text, (size_t)length, where, &made, &error) != IK_OK)
        return raise_error(error);
    Request *request = PyMem_Malloc(sizeof *request);
    if (!request) {
        ik_request_free(made);
        return PyErr_NoMemory();
    }
    *request = (Request){.request = made, .client = capsule};
    PyObject *result = PyCapsule_New(request, REQUEST, request_destroy);
    if (!result) {
        ik_request_free(made);
        PyMem_Free(request);
        return NULL;
    }
    Py_INCREF(capsule);
    request_add(request, client);
    return result;
}

static PyObject *request_id(PyObject *module, PyObject *capsule) {
    Request *request = request_of(capsule);
    return request ? PyLong_FromUnsignedLongLong(ik_request_id(request->request)) : NULL;
}

/* Frees it at once, or, where a thread waits for it, as soon as that comes back. */
static PyObject *request_close(PyObject *module, PyObject *capsule) {
    Request *request = request_of(capsule);
    if (!request) return NULL;
    request->is_closed = 1;
    if (request->is_waited_for) {
        ik_cancel(request->request);
    } else {
        request_free(request);
    }
    Py_RETURN_NONE;
}

/* The status of a read while another thread waits; none of the library's. */
#define BUSY (-1)

/* A signal that comes right before a wait does not end it: how long it can go unseen at most. */
#define MAX_UNSEEN_MS 500

/* ik_next, giving the interpreter's lock away. Python's handlers of signals are run; IK_INTERRUPTED says that one of them
 * raised. */
static ik_status wait_for(ik_request *request, long long timeout_ms, ik_bytes *answer, ik_error **error) {
    for (;;) {
        long long slice = timeout_ms < 0 || timeout_ms > MAX_UNSEEN_MS ? MAX_UNSEEN_MS : timeout_ms;
        ik_status status;
        Py_BEGIN_ALLOW_THREADS;
        status = ik_next(request, slice, answer, error);
        Py_END_ALLOW_THREADS;
        if (status == IK_PENDING && slice == timeout_ms) return status;
        if (status != IK_PENDING && status != IK_INTERRUPTED) return status;
        if (status == IK_PENDING && timeout_ms > 0) timeout_ms -= slice;
        if (PyErr_CheckSignals() != 0) return IK_INTERRUPTED;
    }
}

/* What a read raises when the client was closed before it or meanwhile. Returns NULL. */
static PyObject *raise_ended(void) { return raise_own(IK_ERROR_CANCELLED, "cancelled: the client was closed"); }

/* Waits for what comes next. What came in vain, because the client was closed, is freed. */
static ik_status request_wait(Request *request, long long timeout_ms, ik_bytes *answer, ik_error **error) {
    request->is_waited_for = 1;
    ik_status status = wait_for(request->request, timeout_ms, answer, error);
    request->is_waited_for = 0;
    if (client_of(request->client)->client || status == IK_INTERRUPTED) return status;
    ik_bytes_free(answer);
    ik_error_free(*error);
    *error = NULL;
    return IK_END;
}

/* (status, what came): bytes, or with a class a result or a list of chunks; BUSY where another thread waits. Waits through
 * signals, and runs Python's handlers of them. */
static PyObject *request_next(PyObject *module, PyObject *arguments) {
    PyObject *capsule;
    PyTypeObject *kind = NULL;
    long long timeout_ms;
    if (!PyArg_ParseTuple(arguments, "OL|O", &capsule, &timeout_ms, &kind)) return NULL;
    Request *request = request_of(capsule);
    if (!request) return NULL;
    if (request->is_waited_for) return Py_BuildValue("iy", BUSY, "");
    Client *client = client_of(request->client);
    if (!client->client) return raise_ended();
    if (!request->request) return Py_BuildValue("iy", IK_END, "");
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    ik_status status = request_wait(request, timeout_ms, &answer, &error);
    int is_ended = !client->client;
    if (request->is_closed || is_ended || status == IK_INTERRUPTED) request_free(request);
    if (status == IK_INTERRUPTED) return NULL;
    if (is_ended) return raise_ended();
    if (status == IK_FAILED) return raise_error(error);
    PyObject *found = kind && status == IK_OK ? take_texts(kind, &answer) : take_bytes(&answer);
    if (!found) return NULL;
    PyObject *result = Py_BuildValue("iO", (int)status, found);
    Py_DECREF(found);
    return result;
}

/* The result of a plain operation: bytes, or an object of the class where one is given. */
static PyObject *call(PyObject *module, PyObject *arguments) {
    PyObject *capsule;
    PyTypeObject *kind = NULL;
    const char *operation, *text;
    Py_ssize_t operation_length, length;
    if (!PyArg_ParseTuple(arguments, "Os#s#|O", &capsule, &operation, &operation_length, &text, &length, &kind)) return NULL;
    Client *client = client_of(capsule);
    if (!client) return NULL;
    Request request = {.client = capsule};
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    ik_status status = ik_start(client->client, operation, (size_t)operation_length, text, (size_t)length,
                                IK_ON_CALLING_THREAD, &request.request, &error);
    if (status != IK_OK) return raise_error(error);
    request_add(&request, client);
    status = request_wait(&request, -1, &answer, &error);
    request_free(&request);
    if (status == IK_INTERRUPTED) return NULL;
    if (status == IK_END) return raise_ended();
    if (status == IK_FAILED) return raise_error(error);
    return kind ? take_result(kind, &answer) : take_bytes(&answer);
}

/* ---- The module ---------------------------------------------------------------------------------------------------- */

static PyObject *decide(PyObject *module, PyObject *arguments) {
    const char *subject, *given;
    Py_ssize_t subject_length, given_length;
    if (!PyArg_ParseTuple(arguments, "s#s#", &subject, &subject_length, &given, &given_length)) return NULL;
    ik_bytes answer = {NULL, 0};
    ik_error *error = NULL;
    if (ik_decide(subject, (size_t)subject_length, given, (size_t)given_length, &answer, &error) != IK_OK)
        return raise_error(error);
    return take_bytes(&answer);
}

/* The interpreter that the factories belong to. */
static int64_t home = -1;

/* Refuses any other interpreter of the process: what is set here is set once. */
static PyObject *set_factories(PyObject *module, PyObject *arguments) {
    PyObject *loads, *usage_factory;
    int64_t here = PyInterpreterState_GetID(PyInterpreterState_Get());
    if (home >= 0 && home != here) {
        PyErr_SetString(PyExc_ImportError,
                        "inferencekey works in one interpreter of a process, and another one has it already. Give each "
                        "application a process of its own, or the main interpreter (mod_wsgi: WSGIDaemonProcess, or "
                        "WSGIApplicationGroup %{GLOBAL})");
        return NULL;
    }
    home = here;
    if (!PyArg_ParseTuple(arguments, "OOO", &error_factory, &loads, &usage_factory)) return NULL;
    Py_INCREF(error_factory);
    text_readers(loads, usage_factory);
    Py_RETURN_NONE;
}

static PyObject *abi_versions(PyObject *module, PyObject *nothing) {
    return Py_BuildValue("II", (unsigned)IK_ABI_VERSION, (unsigned)ik_abi_version());
}

static PyMethodDef methods[] = {
    {"abi_versions", abi_versions, METH_NOARGS, "Of the header this was built with, and of the library."},
    {"set_factories", set_factories, METH_VARARGS, "Who makes exceptions of errors, values of JSON, usage of its JSON."},
    {"client", client_create, METH_VARARGS, "A client, from its configuration."},
    {"close_client", client_close, METH_O, "Ends every request of the client and closes its connections."},
    {"is_closed", client_is_closed, METH_O, "Whether the client was closed."},
    {"descriptor", client_descriptor, METH_O, "Readable when there is something to poll."},
    {"poll", client_poll, METH_VARARGS, "The ids of the requests that have something."},
    {"call", call, METH_VARARGS, "The result of a plain operation."},
    {"start", request_start, METH_VARARGS, "A request."},
    {"request_id", request_id, METH_O, "Its id."},
    {"next", request_next, METH_VARARGS, "What has come: (status, bytes)."},
    {"close", request_close, METH_O, "Ends a request."},
    {"decide", decide, METH_VARARGS, "A decision of the core, without a request."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "_core", .m_doc = "libinferencekey.", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit__core(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    if (PyModule_AddIntConstant(module, "OK", IK_OK) || PyModule_AddIntConstant(module, "END", IK_END) ||
        PyModule_AddIntConstant(module, "PENDING", IK_PENDING) || PyModule_AddIntConstant(module, "BUSY", BUSY) ||
        PyModule_AddIntConstant(module, "ON_CALLING_THREAD", IK_ON_CALLING_THREAD) ||
        PyModule_AddIntConstant(module, "ON_POLLED_CLIENT_LOOP", IK_ON_POLLED_CLIENT_LOOP)) {
        Py_DECREF(module);
        return NULL;
    }
    PyObject *text_type = PyType_FromSpec(&text_spec);
    if (!text_type || PyModule_AddObject(module, "Text", text_type) != 0) {
        Py_XDECREF(text_type);
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
