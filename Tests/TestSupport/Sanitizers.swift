#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether the tests were built with the address sanitizer, which has memory, stacks and signals of its own.
public let isAddressSanitized = has("__asan_init")

/// Whether they were built with one that keeps an account of all memory, in as much memory again or more.
public let isSanitized = isAddressSanitized || has("__tsan_init")

private func has(_ symbol: String) -> Bool { dlsym(dlopen(nil, RTLD_NOW), symbol) != nil }
