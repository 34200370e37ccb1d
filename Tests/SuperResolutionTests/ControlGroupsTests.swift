#if os(Linux)
  import Foundation
  import Testing

  @testable import SuperResolution

  @Suite("Control groups") struct ControlGroupsTests {
    /// What a system with these files says.
    private func limits(_ files: [String: String]) throws -> ControlGroups {
      let root = FileManager.default.temporaryDirectory.appending(path: "groups-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: root) }
      for (path, text) in files {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: false, encoding: .utf8)
      }
      return ControlGroups(root: root.path)
    }

    private static let unified =
      "22 30 0:21 / /proc rw,nosuid - proc proc rw\n"
      + "30 25 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - cgroup2 cgroup rw,nsdelegate\n"

    @Test("A container of version 2 sees its own group as the root")
    func container() throws {
      let found = try limits([
        "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.unified,
        "sys/fs/cgroup/cpu.max": "150000 100000\n", "sys/fs/cgroup/memory.max": "2147483648\n",
      ])
      #expect(found.processors == 1.5)
      #expect(found.memory == 2 << 30)
    }

    @Test("The least of a group's limits and those above it holds")
    func service() throws {
      let found = try limits([
        "proc/self/cgroup": "0::/system.slice/acuity.service\n", "proc/self/mountinfo": Self.unified,
        "sys/fs/cgroup/system.slice/acuity.service/cpu.max": "max 100000\n",
        "sys/fs/cgroup/system.slice/acuity.service/memory.max": "8000000000\n",
        "sys/fs/cgroup/system.slice/cpu.max": "400000 100000\n",
        "sys/fs/cgroup/system.slice/memory.max": "4000000000\n",
        "sys/fs/cgroup/memory.max": "max\n",
      ])
      #expect(found.processors == 4)
      #expect(found.memory == 4_000_000_000)
    }

    @Test("The least holds also where it is a group's own", arguments: [(1, 2, 3), (2, 1, 3), (3, 2, 1)])
    func least(_ limit: (own: Int, above: Int, root: Int)) throws {
      var files = ["proc/self/cgroup": "0::/a/b\n", "proc/self/mountinfo": Self.unified]
      for (folder, value) in [("/a/b", limit.own), ("/a", limit.above), ("", limit.root)] {
        files["sys/fs/cgroup\(folder)/cpu.max"] = "\(value) 1\n"
        files["sys/fs/cgroup\(folder)/memory.max"] = "\(value << 30)\n"
      }
      let found = try limits(files)
      #expect(found.processors == 1 && found.memory == 1 << 30)
    }

    @Test("Where both versions are mounted, each group is looked for in its own hierarchy")
    func hybrid() throws {
      let found = try limits([
        "proc/self/cgroup": "4:memory:/one\n0::/two\n", "proc/self/mountinfo": Self.unified,
        "sys/fs/cgroup/one/memory.max": "1\n", "sys/fs/cgroup/two/memory.max": "2\n",
      ])
      #expect(found.memory == 2)
    }

    @Test(
      "Version 1: a hierarchy for each controller; a container's group is mounted, but named as the host does"
    )
    func versionOne() throws {
      let found = try limits([
        "proc/self/cgroup": "9:name=systemd:/docker/1f\n4:memory:/docker/1f\n1:cpu,cpuacct:/docker/1f/a:b\n",
        "proc/self/mountinfo":
          "32 31 0:29 /docker/1f /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
          + "35 31 0:32 /docker/1f /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/a:b/cpu.cfs_quota_us": "200000\n",
        "sys/fs/cgroup/cpu,cpuacct/a:b/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "536870912\n",
      ])
      #expect(found.processors == 2)
      #expect(found.memory == 512 << 20)
    }

    @Test("Without limits, without groups, and from files that say something else there are none")
    func none() throws {
      for files in [
        [:], ["proc/self/cgroup": "0::/\n"],
        ["proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.unified],
        [
          "proc/self/cgroup": "0::/../..\n", "proc/self/mountinfo": Self.unified + "1 2\n - \n",
          "sys/fs/cgroup/cpu.max": "0 0\n", "sys/fs/cgroup/memory.max": "-1\n",
        ],
        [
          "proc/self/cgroup": "0::/\nx\n:\n", "proc/self/mountinfo": Self.unified,
          "sys/fs/cgroup/cpu.max": "max\n", "sys/fs/cgroup/memory.max": "\n",
        ],
      ] {
        let found = try limits(files)
        #expect(found.processors == nil && found.memory == nil, "\(files)")
      }
    }
  }
#endif
