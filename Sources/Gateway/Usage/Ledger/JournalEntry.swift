import Fleet
import InferenceKeyWire

/// One line of a journal of usage.
enum JournalEntry: Sendable, Equatable {
    /// A run begins.
    case run(String, boot: String)
    /// How much of the books is in batches already, and the last number given.
    case totals([JournalState.CellID: UsageTotal], sequence: Int)
    /// New batches, and more for those that have not been offered; what they hold of which cells, and what was open.
    case used([UsageBatch], [JournalState.CellID: UsageTotal], [UsageRecord])
    /// The Manager has everything of that run up to this number.
    case taken(run: String, sequence: Int)
}

extension JournalEntry {
    var json: JSONValue {
        switch self {
        case .run(let name, let boot): ["run": .string(name), "boot": .string(boot)]
        case .totals(let cells, let sequence): ["totals": Self.json(cells), "sequence": .int(sequence)]
        case .used(let batches, let cells, let open):
            [
                "batches": .array(batches.map(\.json)), "cells": Self.json(cells),
                "open": .array(open.map(\.json)),
            ]
        case .taken(let run, let sequence): ["taken": .string(run), "sequence": .int(sequence)]
        }
    }

    init?(json: JSONValue) {
        if let run = json["run"]?.stringValue {
            self = .run(run, boot: json["boot"]?.stringValue ?? "")
        } else if let totals = json["totals"], let sequence = json["sequence"]?.intValue {
            guard let cells = Self.cells(totals) else { return nil }
            self = .totals(cells, sequence: sequence)
        } else if let run = json["taken"]?.stringValue, let sequence = json["sequence"]?.intValue {
            self = .taken(run: run, sequence: sequence)
        } else if let batches = json["batches"]?.arrayValue {
            guard let cells = Self.cells(json["cells"] ?? []), let open = json["open"]?.arrayValue else { return nil }
            let read = batches.compactMap(UsageBatch.init(json:))
            let records = open.compactMap { try? UsageRecord(json: $0) }
            guard read.count == batches.count, records.count == open.count else { return nil }
            self = .used(read, cells, records)
        } else {
            return nil
        }
    }

    /// `[lane, serial, ten sums]` for each cell.
    private static func json(_ cells: [JournalState.CellID: UsageTotal]) -> JSONValue {
        let sorted = cells.sorted { ($0.key.lane, $0.key.serial) < ($1.key.lane, $1.key.serial) }
        return .array(
            sorted.map { cell, total in
                .array([.int(cell.lane), .int(Int(cell.serial))] + total.words.map { .int(Int($0)) })
            })
    }

    private static func cells(_ json: JSONValue) -> [JournalState.CellID: UsageTotal]? {
        var cells: [JournalState.CellID: UsageTotal] = [:]
        for row in json.arrayValue ?? [] {
            let numbers = (row.arrayValue ?? []).compactMap(\.intValue)
            guard numbers.count > 2, numbers[1] >= 0, let total = UsageTotal(words: Array(numbers.dropFirst(2))) else {
                return nil
            }
            cells[JournalState.CellID(lane: numbers[0], serial: UInt64(numbers[1]))] = total
        }
        return cells
    }
}

extension JournalEntry {
    /// The line: a checksum, the entry, a line break.
    var line: [UInt8] {
        let text = json.bytes
        return Array("\(CheckSum.hex(of: text)) ".utf8) + text + [UInt8(ascii: "\n")]
    }

    /// The entries of a journal, up to the first line that is not whole: what was being written when the power failed.
    static func read(_ bytes: [UInt8]) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[rest.startIndex..<end]
            let text = Array(line.dropFirst(9))
            guard line.count > 9, line[line.startIndex + 8] == UInt8(ascii: " "),
                Array(line.prefix(8)) == Array(CheckSum.hex(of: text).utf8),
                let json = try? JSONValue(parsing: text), let entry = JournalEntry(json: json)
            else { break }
            entries.append(entry)
            rest = rest[(end + 1)...]
        }
        return entries
    }
}

extension UsageBatch {
    fileprivate init?(json: JSONValue) {
        guard let run = json["run"]?.stringValue, let sequence = json["sequence"]?.intValue,
            let usage = json["usage"]?.arrayValue
        else { return nil }
        let records = usage.compactMap { try? UsageRecord(json: $0) }
        guard records.count == usage.count else { return nil }
        self.init(run: run, sequence: sequence, records: records)
    }

    fileprivate var json: JSONValue {
        ["run": .string(run), "sequence": .int(sequence), "usage": .array(records.map(\.json))]
    }
}

/// CRC-32 (IEEE 802.3), to tell a whole line from a torn one.
enum CheckSum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// Eight hexadecimal digits.
    static func hex(of bytes: [UInt8]) -> String {
        let sum = ~bytes.reduce(~UInt32(0)) { sum, byte in table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ sum >> 8 }
        return Hex.encode((0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * $0)) })
    }
}
