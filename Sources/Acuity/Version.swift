/// The version of the package, as `acuity --version` prints it.
public let acuityVersion = "0.1.0"
