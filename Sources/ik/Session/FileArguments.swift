import ArgumentParser
import Console
import Files

/// The workload files of `plan` and `apply`.
struct FileArguments: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("file")], parsing: .upToNextOption,
        help: "YAML files with workloads; - reads standard input.")
    var files: [String] = []

    @OptionGroup var inProject: ProjectOption

    func validate() throws {
        if files.isEmpty { throw ValidationError("Give at least one file: -f models.yaml") }
    }

    /// Everything the files declare. Mistakes of all files are told together.
    func read(project: String?) throws(FileProblems) -> [DeclaredWorkload] {
        var declared: [DeclaredWorkload] = []
        var problems: [String] = []
        for file in files {
            do throws(FileProblems) {
                declared += try WorkloadFile.read(Self.text(of: file), file: file == "-" ? "<stdin>" : file)
            } catch {
                problems += error.lines
            }
        }
        if !problems.isEmpty { throw FileProblems(problems) }
        try WorkloadFile.checkUnique(declared, project: project)
        return declared
    }

    private static func text(of file: String) throws(FileProblems) -> String {
        do {
            guard let text = try KeyFile(file == "-" ? "/dev/stdin" : file).readText() else {
                throw FileProblems(file: file, line: nil, "is not there")
            }
            return text
        } catch let trouble as FileError {
            throw FileProblems(file: file, line: nil, trouble.reason)
        } catch let problems as FileProblems {
            throw problems
        } catch {
            throw FileProblems(file: file, line: nil, "\(error)")
        }
    }
}
