import Fleet
import InferenceKeyWire

extension Core {
    /// Returns when the Gateways serve by the fleet as it is now, so that an answer promises nothing that is refused a
    /// moment later: a new key opens, a revoked one does not, a ready workload answers. Waits for
    /// ``ManagerTimings/gatewayWait`` at the most.
    func gatewaysHaveFollowed() async {
        let subscription = hub.subscribe(to: .gateways)
        let snapshot = ledger.snapshot
        publishTables(snapshot, sight(of: snapshot.fleet))
        guard let version = gatewayLink.tables?.version else { return }
        await withTaskGroup(of: Void.self) { [clock, timings] group in
            group.addTask {
                try? await clock.sleep(for: timings.gatewayWait)
                subscription.waker.close()
            }
            while !gatewayLink.isServed(version) {
                guard await subscription.waker.next() != nil else { break }
            }
            group.cancelAll()
        }
    }
}
