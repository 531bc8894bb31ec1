/* Results and chunks of a text: a type of the module, and how what the library gives becomes one. */
#ifndef INFERENCEKEY_TEXTS_H
#define INFERENCEKEY_TEXTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "inferencekey.h"

/* What results and chunks share. */
extern PyType_Spec text_spec;

/* Who makes a value of a JSON text, and usage of one. Both are called when they are needed. */
void text_readers(PyObject *json, PyObject *usage);

/* A result of the class. Frees the bytes. */
PyObject *take_result(PyTypeObject *kind, ik_bytes *bytes);

/* A result of the class, or a list of chunks. Frees the bytes. */
PyObject *take_texts(PyTypeObject *kind, ik_bytes *bytes);

#endif
