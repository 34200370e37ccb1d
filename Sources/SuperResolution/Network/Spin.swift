/// Waits for what another thread is about to do: a short while on the core, which catches the common case, then the core is
/// given to whoever has work.
func spin(until isMet: () -> Bool) {
  var spins = 0
  while !isMet() {
    spins &+= 1
    if spins > 2_000 { yieldThread() }
  }
}
