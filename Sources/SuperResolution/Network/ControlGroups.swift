#if os(Linux)
  import Convolution

  /// What the control groups of this process leave to it. Containers, services and array jobs are limited by these, of which
  /// neither the affinity mask nor the machine's memory tells: more threads than the quota has processors wait for each other
  /// while none may run, and whoever takes more memory is killed.
  ///
  /// The limits of a group and of all above it hold, of version 2 (one hierarchy) and 1 (one for each controller), as far as
  /// they can be seen from within a container.
  struct ControlGroups {
    /// In processors: 1.5 is the time of one and a half. Nil without a limit.
    private(set) var processors: Double?
    /// In bytes. Nil without a limit.
    private(set) var memory: Int?

    static let own = ControlGroups(root: "")

    /// - Parameter root: goes before all paths.
    init(root: String) {
      let groups = systemText(root + "/proc/self/cgroup").split(separator: "\n").compactMap(Group.init)
      if groups.isEmpty { return }
      for mount in systemText(root + "/proc/self/mountinfo").split(separator: "\n").compactMap(Mount.init) {
        guard let group = groups.first(where: mount.shows) else { continue }
        var path = mount.path(of: group)
        while true {
          limit(root + mount.point + path)
          guard let last = path.lastIndex(of: "/") else { break }
          path = path[..<last]
        }
      }
    }

    /// Takes up what a group's folder says, of either version.
    private mutating func limit(_ folder: String) {
      func numbers(_ name: String) -> [Int?] {
        systemText(folder + "/" + name).split { $0 == " " || $0 == "\n" }.map { Int($0) }
      }
      let quotas = [
        numbers("cpu.max"), numbers("cpu.cfs_quota_us") + numbers("cpu.cfs_period_us"),
      ]
      for case let quota in quotas where quota.count == 2 {
        guard let time = quota[0], let period = quota[1], time > 0, period > 0 else { continue }
        processors = min(processors ?? .infinity, Double(time) / Double(period))
      }
      for bytes in numbers("memory.max") + numbers("memory.limit_in_bytes") {
        guard let bytes, bytes > 0 else { continue }
        memory = min(memory ?? .max, bytes)
      }
    }
  }

  /// A line of `/proc/self/cgroup`: `4:memory:/docker/1f` or, of version 2, `0::/user.slice`.
  private struct Group {
    let controllers: [Substring]
    let path: Substring

    init?(_ line: Substring) {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      controllers = parts[1].split(separator: ",")
      path = parts[2]
    }
  }

  /// A line of `/proc/self/mountinfo`: `35 31 0:32 /docker/1f /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory`.
  private struct Mount {
    let root: Substring
    let point: Substring
    /// Nil for version 2.
    let controllers: [Substring]?

    init?(_ line: Substring) {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 4 else { return nil }
      switch fields[dash + 1] {
      case "cgroup2": controllers = nil
      case "cgroup": controllers = fields[dash + 3].split(separator: ",")
      default: return nil
      }
      root = fields[3]
      point = fields[4]
    }

    /// Whether the group's limits are here.
    func shows(_ group: Group) -> Bool {
      guard let controllers else { return group.controllers.isEmpty }
      return ["cpu", "memory"].contains { controllers.contains($0) && group.controllers.contains($0) }
    }

    /// Where below the mount point: of a container often nowhere, for its own group is what is mounted.
    func path(of group: Group) -> Substring {
      if root == "/" { return group.path == "/" || group.path.hasPrefix("/..") ? "" : group.path }
      return group.path.hasPrefix(root + "/") ? group.path.dropFirst(root.count) : ""
    }
  }
#endif
