import Testing

@testable import Gateway

@Suite("what replicas have read")
struct PrefixIndexTests {
    private let scratch = ChoiceScratch()

    private func depths(_ prompt: [UInt8], _ index: PrefixIndex, age: UInt64 = 0) -> [Int] {
        for replica in 0..<3 { scratch.places[replica] = replica }
        _ = prompt.withUnsafeBytes { scratch.study($0, index, count: 3, age: age) }
        return Array(scratch.depths[0..<3])
    }

    private func read(_ prompt: [UInt8], by replica: Int, _ index: PrefixIndex, age: UInt64 = 0) {
        _ = depths(prompt, index, age: age)
        let blocks = min(prompt.count / PrefixHashes.blockBytes, PrefixHashes.maxBlocks)
        scratch.note(replica, index, blocks: blocks, age: age)
    }

    @Test("prompts are alike up to the block in which they differ")
    func common() {
        var random = SeededRandom(state: 1)
        let index = PrefixIndex()
        let prompt = random.text(512 * 20)
        read(prompt, by: 1, index)
        #expect(depths(prompt, index) == [0, 20, 0])
        #expect(depths(prompt + random.text(3000), index) == [0, 20, 0])
        var other = prompt
        other[512 * 13 + 100] ^= 1
        #expect(depths(other, index) == [0, 13, 0])
        #expect(depths(random.text(5000), index) == [0, 0, 0])
    }

    @Test("every byte of a block counts, alone and with another one", arguments: [1, 2])
    func everyByte(_ changes: Int) {
        var random = SeededRandom(state: 2)
        let block = random.text(512)
        let hashes = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: PrefixHashes.maxBlocks)
        defer { hashes.deallocate() }
        func hash(_ bytes: [UInt8]) -> UInt64 {
            _ = bytes.withUnsafeBytes { PrefixHashes.write($0, into: hashes) }
            return hashes[0]
        }
        var seen: Set<UInt64> = [hash(block)]
        for place in 0..<512 {
            for bit in [UInt8(1), 2, 64, 128] {
                var changed = block
                changed[place] ^= bit
                if changes == 2 { changed[(place + 64) % 512] ^= 128 }
                seen.insert(hash(changed))
            }
        }
        // With two changes a place and its counterpart meet once when both flip the same bit.
        #expect(seen.count >= (changes == 1 ? 2049 : 2049 - 512))
    }

    @Test("several replicas may know one prompt, the most recent are kept")
    func holders() {
        var random = SeededRandom(state: 3)
        let index = PrefixIndex()
        let prompt = random.text(512 * 4)
        for replica in 0..<3 { read(prompt, by: replica, index, age: UInt64(replica)) }
        #expect(depths(prompt, index, age: 5) == [4, 4, 4])
        #expect(Array(scratch.idle[0..<3]) == [5, 4, 3])
        for place in 10..<14 {
            scratch.places[0] = place
            _ = prompt.withUnsafeBytes { scratch.study($0, index, count: 1, age: 6) }
            scratch.note(0, index, blocks: 4, age: 6)
        }
        #expect(depths(prompt, index, age: 7) == [0, 0, 0])
    }

    @Test("a replica that is gone is forgotten, the others are not")
    func forgets() {
        var random = SeededRandom(state: 4)
        let index = PrefixIndex()
        let prompt = random.text(512 * 9)
        read(prompt, by: 0, index)
        read(prompt, by: 2, index)
        index.forget(1 << 2)
        #expect(depths(prompt, index) == [9, 0, 0])
    }

    @Test("its memory is bounded: what was not used for the longest time goes")
    func bounded() {
        var random = SeededRandom(state: 5)
        let index = PrefixIndex(entries: 1024)
        let kept = random.text(512 * 20)
        read(kept, by: 1, index, age: 0)
        for age in 1...200 {
            read(random.text(512 * 10), by: 0, index, age: UInt64(age))
            read(kept, by: 1, index, age: UInt64(age))
        }
        #expect(depths(kept, index, age: 200)[1] == 20)
    }

    @Test("loops that read and write it at once do no harm")
    func shared() async {
        let index = PrefixIndex(entries: 256)
        let found = await withTaskGroup(of: Bool.self) { group in
            for task in 0..<4 {
                group.addTask {
                    var random = SeededRandom(state: 6)
                    let scratch = ChoiceScratch()
                    scratch.places[0] = task
                    var isSane = true
                    for age in 0..<300 {
                        let prompt = random.text(512 * 6)
                        let blocks = prompt.withUnsafeBytes { scratch.study($0, index, count: 1, age: UInt64(age)) }
                        isSane = isSane && blocks == 6 && (0...6).contains(scratch.depths[0])
                        scratch.note(0, index, blocks: blocks, age: UInt64(age))
                    }
                    return isSane
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(found)
    }
}
