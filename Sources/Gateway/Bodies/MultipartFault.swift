import InferenceKeyWire

/// Why a `multipart/form-data` body is refused before an engine sees it.
enum MultipartFault: Error, Sendable, Hashable {
    case boundary, start, delimiter, partHead, unfinished, repeatedModel

    var refusal: Refusal {
        switch self {
        case .boundary: Refusal(.invalidRequest, "the Content-Type of a form must name one boundary of 1 to 70 bytes")
        case .start: Refusal(.invalidRequest, "the form does not begin with the boundary that its Content-Type names")
        case .delimiter: Refusal(.invalidRequest, "a boundary of the form is not followed directly by CRLF")
        case .partHead: Refusal(.invalidRequest, "a part of the form has headers that are not well-formed")
        case .unfinished: Refusal(.invalidRequest, "the form ends before it is complete")
        case .repeatedModel: Refusal(.invalidRequest, "model stands in the form twice", param: "model")
        }
    }
}
