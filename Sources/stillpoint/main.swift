import LVM

if CommandLine.arguments.dropFirst().first == LVMWorker.verb { LVMWorker.main() }
print("x")
