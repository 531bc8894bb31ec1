// One import gives the SDK and the words it speaks: specs, results, errors, JSON values.
@_exported public import InferenceKeyWire
