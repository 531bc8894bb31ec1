package import NIOCore

/// What a test's script answers with.
package struct Reply: Sendable {
    package let channel: any Channel

    /// Writes the bytes as they are.
    @discardableResult
    package func send(_ text: String) -> EventLoopFuture<Void> {
        channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// A whole answer with a content length; the connection is kept.
    package func answer(_ status: Int = 200, _ headers: [String] = [], _ body: String = "") {
        var head = "HTTP/1.1 \(status) X\r\ncontent-length: \(body.utf8.count)\r\n"
        for header in headers { head += header + "\r\n" }
        send(head + "\r\n" + body)
    }

    /// A whole JSON answer.
    package func json(_ status: Int = 200, _ body: String, _ headers: [String] = []) {
        answer(status, ["content-type: application/json"] + headers, body)
    }

    /// The head of an event stream.
    package func openEvents() {
        send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    }

    /// One chunk of a chunked body.
    package func chunk(_ text: String) {
        send(String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n")
    }

    package func endChunks() { send("0\r\n\r\n") }
    package func close() { channel.close(promise: nil) }

    /// Returns when the connection has closed, whoever closed it.
    package func closed() async throws { try await channel.closeFuture.get() }
}
