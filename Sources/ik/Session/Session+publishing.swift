import Console
import InferenceKey
import InferenceKeyWire
import Transport

extension Session {
    /// Sends a package and shows how far it is. True when its version is new.
    func publish(_ form: PackageForm, tenant: String) async throws -> (published: JSONValue, isNew: Bool) {
        guard let base = BaseURL(address) else {
            throw CommandFailure(.wrongUsage, "\"\(address)\" is no base URL; it looks like http://127.0.0.1:8080")
        }
        let request = HTTPRequest(
            "POST", base, "/api/tenants/\(PathSegment.encode(tenant))/custom-backends",
            headers: [
                HTTPField("authorization", "Bearer \(try workloadCredential())"),
                HTTPField("content-type", form.contentType), HTTPField("accept", "application/json"),
            ])
        let painter = Task { await paint(form.file) }
        defer { painter.cancel() }
        let answer: HTTPAnswer
        do throws(TransportError) {
            answer = try await HTTPClient().send(
                request, upload: form.upload, timeouts: HTTPTimeouts(total: nil, idle: .seconds(120)))
        } catch {
            throw InferenceKeyError(error, talkingTo: base)
        }
        painter.cancel()
        await painter.value
        guard answer.head.isSuccess else {
            throw InferenceKeyError(
                status: answer.head.status, body: answer.body, requestID: answer.head["x-request-id"],
                retryAfterMilliseconds: nil)
        }
        return (try answer.json(), answer.head.status == 201)
    }

    /// One line that is painted anew until the task is cancelled; nothing where no person looks.
    private func paint(_ file: PackageFile) async {
        guard terminal.isLive else { return }
        var painter = Repainter()
        var isOver = false
        while !isOver {
            isOver = Task.isCancelled
            let sent = ByteText.text(Int64(file.sentBytes), of: Int64(file.sizeBytes))
            terminal.sayPart(painter.paint(["sending \(file.path): \(sent)"]))
            if !isOver { try? await Task.sleep(for: .milliseconds(200)) }
        }
    }
}
