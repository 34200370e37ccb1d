import Dispatch
public import Pixels
public import SuperResolution
import Synchronization

extension Upscaler {
  /// `upscale(_:to:options:)` away from the caller's thread: the calling task suspends meanwhile, and its cancellation ends
  /// the work within the time of a few tiles.
  ///
  /// - Parameters:
  ///   - image: any layout and depth.
  ///   - size: at least 1 x 1.
  ///   - options: as there; `isCancelled` is asked too.
  /// - Returns: the picture at the size.
  /// - Throws: `CancellationError`; `ModelError` as there.
  public func upscaled(
    _ image: Image, to size: Size, options: RunOptions = RunOptions()
  ) async throws -> Image {
    try await awayFromTask(options) { options in
      try upscale(image, to: size, options: options)
    }
  }
}

extension LumaModel {
  /// `enhance(_:options:)` away from the caller's thread; cancelled with the calling task.
  ///
  /// - Parameters:
  ///   - plane: values of the model's colour convention.
  ///   - options: as there; `isCancelled` is asked too.
  /// - Returns: a plane of the same size.
  /// - Throws: `CancellationError`; `ModelError` as there.
  public func enhanced(
    _ plane: Plane, options: RunOptions = RunOptions()
  ) async throws -> Plane {
    try await awayFromTask(options) { options in
      try enhance(plane, options: options)
    }
  }
}

/// Whether the task was cancelled, for threads that are no part of it.
private final class Flag: Sendable {
  private let raised = Atomic(false)

  var isRaised: Bool { raised.load(ordering: .relaxed) }
  func raise() { raised.store(true, ordering: .relaxed) }
}

/// Runs `work` on a thread of the system's pool, for the pool of tasks must never wait for seconds.
private func awayFromTask<Value: Sendable>(
  _ options: RunOptions, _ work: @escaping @Sendable (RunOptions) throws -> Value
) async throws -> Value {
  let flag = Flag()
  let callers = options.isCancelled
  var options = options
  options.isCancelled = { flag.isRaised || callers?() == true }
  let (final, priority) = (options, DispatchQoS.QoSClass.userInitiated)
  let result: Result<Value, any Error> = await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      DispatchQueue.global(qos: priority).async {
        continuation.resume(returning: Result { try work(final) })
      }
    }
  } onCancel: {
    flag.raise()
  }
  return try result.get()
}
