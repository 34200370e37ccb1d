#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether the tests were built with the address sanitizer, which has memory, stacks and signals of its own.
public let isAddressSanitized = dlsym(dlopen(nil, RTLD_NOW), "__asan_init") != nil
