#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether the tests were built with the address sanitizer, which has memory, stacks and signals of its own.
public let isAddressSanitized = has("__asan_init")

/// Whether they were built with the thread sanitizer.
public let isThreadSanitized = has("__tsan_init")

/// Whether they were built with a sanitizer, address or thread: either has an address space of terabytes, and memory beside
/// each of the program's.
public let isSanitized = isAddressSanitized || isThreadSanitized

/// How often a program is started to be killed or stopped: `count` times; where it starts many times as slowly, a tenth.
public func starts(_ count: Int) -> Int { isSanitized ? count / 10 : count }

private func has(_ symbol: String) -> Bool { dlsym(dlopen(nil, RTLD_NOW), symbol) != nil }
