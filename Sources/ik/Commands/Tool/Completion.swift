import ArgumentParser
import Console

struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", "Prints the completion script of a shell.",
        examples: [
            "ik completion bash > ~/.local/share/bash-completion/completions/ik",
            "ik completion zsh > ~/.zfunc/_ik",
            "ik completion fish > ~/.config/fish/completions/ik.fish",
        ])

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var completionShell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: Shell

    func run() {
        Terminal(environment: Process.environment).print(IK.completionScript(for: shell.completionShell))
    }
}
