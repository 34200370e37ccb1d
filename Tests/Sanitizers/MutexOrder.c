// Tells the thread sanitizer of Swift's `Mutex` on Linux; `check` preloads it.
//
// `Mutex` takes and gives a free lock inline, which the sanitizer sees. When threads contend for it, that is done in
// Swift's own library, which is not instrumented: what one thread did under the lock seems then to have no order with
// what the next one does, and every contended lock is reported as a race. To suppress those reports would hide the races
// of whatever stands in a `withLock`. Here instead the two functions of the library are wrapped and the order is
// told that they make, nothing else: an access without the lock is still found.
//
// Should a later Swift name them otherwise, nothing is wrapped and the reports are back.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// Of the sanitizer's runtime; none in a program without it.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

SWIFT void lock(uint32_t thread, SELF mutex) __asm__(LOCK);
SWIFT void unlock(SELF mutex) __asm__(UNLOCK);

SWIFT void lock(uint32_t thread, SELF mutex) {
  SWIFT void (*original)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
  original(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlock(SELF mutex) {
  SWIFT void (*original)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
  if (__tsan_release) __tsan_release(mutex);
  original(mutex);
}
