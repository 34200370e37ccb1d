/// First in, first out. What was taken is let go of now and then, also by a queue that is never empty.
package struct Queue<Element> {
  private var elements: [Element] = []
  /// Index of the first one; those before it have been taken.
  private var head = 0

  package init() {}

  package var isEmpty: Bool { head == elements.count }
  package var first: Element? { isEmpty ? nil : elements[head] }

  package mutating func append(_ element: Element) {
    elements.append(element)
  }

  /// - Complexity: O(1), taken over all calls.
  package mutating func popFirst() -> Element? {
    guard let element = first else { return nil }
    head += 1
    if head == elements.count || head >= max(1000, elements.count / 2) {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  /// How many places it takes in memory.
  var room: Int { elements.count }
}

extension Queue: Sendable where Element: Sendable {}
