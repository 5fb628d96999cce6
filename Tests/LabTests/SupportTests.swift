import Testing

extension LabTests {
    /// The fixture itself: a set taken and deleted, nothing left.
    @Suite struct Support {
        @Test func takesAndDeletesASet() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data")
                try lab.create("first", data)
                #expect(try lab.succeed("list").standard.contains("first"))
                try lab.succeed("delete", "first")
                #expect(try shell("lvs --noheadings --options lv_name \(lab.group)").contains("_sp_") == false)
            }
        }
    }
}
