import Commands
import Glibc

ProcessSetup.run()

let words = Array(CommandLine.arguments.dropFirst())
if let worker = words.first.flatMap(HiddenVerb.init(rawValue:)) {
    worker.run()
} else {
    exit(await CommandLineTool.run(words))
}
