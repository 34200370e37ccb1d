/// One step of training: forward, backward, the optimizer's.
func registerTraining() {
  Command.register("Training/20 layers of 64", ["training", "--repeats", "3"])
  Command.register(
    "Training/8 layers of 32", ["training", "--depth", "8", "--width", "32", "--repeats", "9"])
}
