import Commands
import Glibc
import LVM

ProcessSetup.run()

let words = Array(CommandLine.arguments.dropFirst())
if let hidden = words.first.flatMap(HiddenVerb.init(rawValue:)) {
    hidden.run()
} else {
    let worker = WorkerProcess()
    HiddenVerb.prepareWorker()
    // Nearly every verb asks LVM first: let the worker get ready meanwhile.
    if let first = words.first, !first.hasPrefix("-") { worker.fork() }
    exit(await CommandLineTool.run(words, worker: worker))
}
