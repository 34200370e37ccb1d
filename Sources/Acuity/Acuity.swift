/// `import Acuity` gives an app the whole library: images and their files, the network, the upscaler.
@_exported public import Convolution
@_exported public import ImageFiles
@_exported public import Pixels
@_exported public import SuperResolution
