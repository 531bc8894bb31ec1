/// How alike two vectors are.
package enum Cosine {
    /// From -1 to 1; 0 where one of them has no length or their lengths differ.
    package static func similarity(_ left: [Double], _ right: [Double]) -> Double {
        guard left.count == right.count else { return 0 }
        var product = 0.0
        var leftSquares = 0.0
        var rightSquares = 0.0
        for (a, b) in zip(left, right) {
            product += a * b
            leftSquares += a * a
            rightSquares += b * b
        }
        let lengths = (leftSquares * rightSquares).squareRoot()
        return lengths > 0 ? product / lengths : 0
    }
}
