import ArgumentParser
import Evaluation

extension EvaluationProtocol: ExpressibleByArgument {}
