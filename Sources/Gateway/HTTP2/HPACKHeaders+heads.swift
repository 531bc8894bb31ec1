import NIOCore
import NIOHPACK

extension HTTP2RequestHead {
    /// Writes the head of a header list as it was received. Throws for what has no form in HTTP/1.1.
    init(_ list: HPACKHeaders, hasBody: Bool, into out: inout ByteBuffer) throws(HeadFault) {
        try self.init(list.lazy.map { (name: $0.name, value: $0.value) }, hasBody: hasBody)
        out.writeString(text)
    }
}

extension HTTP2AnswerHead {
    /// As it is sent.
    static func list(_ head: AnswerHead, _ bytes: UnsafeRawBufferPointer, _ fields: [FieldSpan]) -> HPACKHeaders {
        var list = HPACKHeaders()
        list.reserveCapacity(fields.count + 1)
        each(head, bytes, fields) { list.add(name: $0, value: $1) }
        return list
    }
}
