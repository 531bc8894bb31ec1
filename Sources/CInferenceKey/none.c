// The library is written in Swift; this target is its header.
#include "inferencekey.h"
