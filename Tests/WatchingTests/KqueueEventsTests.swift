#if canImport(Darwin)
  import Darwin
  import Folders
  import TestSupport
  import Testing
  import Watching

  /// What does not depend on when the system reports.
  @Suite struct KqueueEventsTests {
    private let home: TemporaryFolder
    private let root: Folder
    private let below: Folder

    init() throws {
      home = try TemporaryFolder()
      root = home.folder
      below = try root.folder(try path("below"), create: true)
    }

    @Test func beyondTheBoundNothingIsOpenedAndReportsAreIncomplete() throws {
      let events = KqueueEvents(reportingTo: Mailbox(), most: 1)
      events.watch(root, at: nil)
      events.watch(root, at: nil)
      #expect(events.isReliable)
      events.watch(below, at: try path("below"))
      #expect(!events.isReliable)
      #expect(!events.reports(on: below.identity, at: try path("below")))
    }

    @Test func aFolderThatIsGoneNeedsNoReports() throws {
      let events = KqueueEvents(reportingTo: Mailbox())
      #expect(rmdir(home.path + "/below") == 0)
      events.watch(below, at: try path("below"))
      #expect(events.isReliable)
    }

    @Test func aFolderThatWasMovedIsReportedOnUnderItsNewPath() throws {
      let events = KqueueEvents(reportingTo: Mailbox(), most: 1)
      events.watch(below, at: try path("former"))
      #expect(!events.reports(on: below.identity, at: try path("below")))
      events.watch(below, at: try path("below"))
      #expect(events.reports(on: below.identity, at: try path("below")))
      #expect(events.isReliable)
    }
  }
#endif
