#if canImport(Glibc)
  import Acuity
  import Batch
  import Foundation
  import TestSupport
  import Testing

  /// Every allocation of the C libraries fails once: the picture comes out right or there is an error, and nothing else.
  @Suite struct AllocationFailureTests {
    private static let step = SharedData.runsFullTests ? 1 : 9
    private static let hasCompiler = FileManager.default.isExecutableFile(atPath: "/usr/bin/cc")

    /// Stands before the C library's allocator. One allocation fails that an image library asks for; the file that
    /// `FAILURES` names says whether it came to that, through a mapping, since a worker may write no file.
    private static let allocator = """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <fcntl.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/mman.h>

      extern void *__libc_malloc(size_t);
      extern void *__libc_calloc(size_t, size_t);
      extern void *__libc_realloc(void *, size_t);

      static volatile char *failures;
      static long count, failing;

      __attribute__((constructor)) static void start(void) {
        failing = atol(getenv("FAILING"));
        int file = open(getenv("FAILURES"), O_RDWR);
        void *mapping = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (mapping != MAP_FAILED) failures = mapping;
      }

      static int fails(void *caller) {
        Dl_info info;
        if (!failures || !dladdr(caller, &info) || !info.dli_fname) return 0;
        const char *slash = strrchr(info.dli_fname, '/');
        const char *name = slash ? slash + 1 : info.dli_fname;
        // The command's own are those of our C code around the libraries; Swift's runtime is a library.
        const char *callers[] = {"acuity", "libpng", "libjpeg", "libwebp", "libz."};
        for (int i = 0; i < 5; i++)
          if (strncmp(name, callers[i], strlen(callers[i])) == 0) return count++ == failing ? *failures = 1 : 0;
        return 0;
      }

      void *malloc(size_t size) {
        return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
      }
      void *calloc(size_t number, size_t size) {
        return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(number, size);
      }
      void *realloc(void *block, size_t size) {
        return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
      }
      """

    @Test(
      .enabled(if: hasCompiler && !isSanitized, "needs /usr/bin/cc, and the usual allocator"),
      arguments: [(ImageFormat.png, false), (.jpeg, false), (.webp, false), (.webp, true)])
    func aFailedAllocationIsAnErrorOrNone(format: ImageFormat, isLossless: Bool) async throws {
      let folder = try TemporaryFolder()
      try folder.write(Self.allocator.utf8, to: "allocator.c")
      let compiler = try Run.shell(
        "cc -Wall -Werror -shared -fPIC allocator.c -o allocator.so -ldl", in: folder.path)
      try #require(compiler.code == 0, "\(compiler.errors)")
      let acuity = BuiltProducts.folder.appendingPathComponent("acuity").path

      /// Does something once for every allocation that it takes.
      /// - Returns: How many failed, and with how many of them there was an error.
      func sweep(_ work: (WorkerCoder) async throws(CodingError) -> Void) async throws -> (Int, Int) {
        var (failures, errors) = (0, 0)
        for failing in stride(from: 0, to: 300, by: Self.step) {
          try folder.write([0], to: "failures")
          let coder = WorkerCoder(
            .init(
              executable: acuity,
              environment: [
                "LD_PRELOAD": folder("allocator.so"), "FAILURES": folder("failures"), "FAILING": "\(failing)",
              ]))
          var hasThrown = false
          do throws(CodingError) { try await work(coder) } catch { hasThrown = true }
          guard try folder.content("failures") == [1] else {
            #expect(!hasThrown)
            return (failures, errors)
          }
          failures += 1
          if hasThrown { errors += 1 }
        }
        Issue.record("more than 300 allocations")
        return (failures, errors)
      }

      let layout = format == .jpeg || isLossless ? Image.Layout.rgb : .rgba
      let image = Pictures.noise(width: 40, height: 30, layout: layout, seed: 3)
      let options = EncodeOptions(progressive: true, lossless: isLossless)
      let file = try ImageFile.encode(image, as: format, options: options)
      let expected = try ImageFile.read(bytes: file)
      let decoding = try await sweep { (coder) throws(CodingError) in
        let image = try await coder.decode(file, limits: Limits(), options: ReadOptions())
        #expect(image == expected)
      }
      let encoding = try await sweep { (coder) throws(CodingError) in
        let bytes = try await coder.encode(image, as: format, options: options)
        #expect(bytes == file)
      }
      for (failures, errors) in [decoding, encoding] {
        #expect(failures > 0)
        #expect(errors > 0)
      }
    }
  }
#endif
