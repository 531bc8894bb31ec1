package import Fleet

/// Looks at the machine.
///
/// Every GPU and engine is in the answer or the machine has none: a device whose tool failed is left out, and what is
/// left out gets no work. Takes seconds at the most.
package protocol DeviceInventory: Sendable {
    func read() async -> Inventory
}
