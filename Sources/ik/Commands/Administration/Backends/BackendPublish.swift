import ArgumentParser
import Console
import Fleet
import InferenceKey
import InferenceKeyWire

struct BackendPublish: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", "Publishes a version of a custom backend.",
        examples: [
            "ik backend publish sentiment.tar.gz --slug sentiment --version 1.0.0 --task-type classification "
                + "--entrypoint sentiment:Sentiment"
        ],
        notes: "A version never changes: publishing the same package again is no error, another one is.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var owner: TenantOption

    @Argument(help: "The package: a .tar.gz with manifest.json at its root.")
    var package: String

    @Option(help: "What workloads will name it by: 1-63 lower-case letters, digits and single inner dashes.")
    var slug: String

    @Option(help: "Its version, such as 1.0.0.")
    var version: String

    @Option(help: "What its workloads do: \(TaskType.allCases.map(\.rawValue).joined(separator: ", ")).")
    var taskType: String

    @Option(help: "The class that serves: MODULE:CLASS.")
    var entrypoint: String

    @Option(help: "A name for people; the slug without it.")
    var name: String?

    func run(_ session: Session) async throws {
        let file = try PackageFile(package)
        guard file.sizeBytes <= CustomBackendRecord.maxPackageBytes else {
            throw CommandFailure(
                .wrongUsage, "\(package) is larger than \(CustomBackendRecord.maxPackageBytes) bytes",
                next: "leave models out of the package; the backend downloads them itself")
        }
        let form = PackageForm(
            texts: [
                ("name", name ?? slug), ("slug", slug), ("version", version), ("task_type", taskType),
                ("entrypoint", entrypoint),
            ], file: file)
        let (published, isNew) = try await session.publish(form, tenant: owner.tenant)
        guard published.text("sha256") == file.hash.hex else {
            throw CommandFailure(
                .failed, "what the platform stored of \(package) is not what was sent",
                why: "it has \(published.text("sha256")), the file has \(file.hash.hex)",
                next: "publish it again under another --version")
        }
        session.show(published, published.text("id"))
        let size = published.bytes("size_bytes")
        session.say(
            (isNew ? "Published" : "It was published before:") + " \(slug) \(version) (\(size)). See: ik backend list")
    }
}
