#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The program's own code in memory.
enum ProgramPages {
    /// Gives back the pages of code that only starting needed. What is used again comes back out of the file.
    static func giveBack() {
        #if os(Linux)
            for pages in code() {
                madvise(UnsafeMutableRawPointer(bitPattern: pages.lowerBound), pages.count, MADV_DONTNEED)
            }
        #endif
    }

    #if os(Linux)
        /// Where the program's file is mapped to be run: nothing was ever written there that could be lost.
        private static func code() -> [Range<UInt>] {
            guard let program = realpath("/proc/self/exe", nil), let file = fopen("/proc/self/maps", "r") else {
                return []
            }
            defer {
                free(program)
                fclose(file)
            }
            let path = String(cString: program)
            var found: [Range<UInt>] = []
            var line: UnsafeMutablePointer<CChar>?
            var capacity = 0
            defer { free(line) }
            while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
                // 55d0c8a00000-55d0cb400000 r-xp 00a00000 08:01 1234  /usr/bin/ik
                let words = text.split(whereSeparator: \.isWhitespace)
                guard words.count == 6, words[1] == "r-xp", words[5] == path else { continue }
                let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
                if ends.count == 2, ends[0] < ends[1] { found.append(ends[0]..<ends[1]) }
            }
            return found
        }
    #endif
}
