import Testing

@testable import Gateway

@Suite("long prefixes over several replicas")
struct PrefixTraceTests {
    private var trace: PrefixTrace {
        var trace = PrefixTrace()
        trace.requests = 2400
        trace.requestsPerSecond = 30
        return trace
    }

    @Test("150 tenants: nearly every prefix is read once, and no replica has much more to do than the others")
    func tenants() {
        let ours = trace.run(.prefix)
        #expect(ours.hitRate > 0.7)
        #expect(ours.maxByMeanLoad <= 1.3)
        #expect(ours.hitRate > trace.run(.cacheAware).hitRate - 0.01)
        #expect(ours.hitRate > trace.run(.leastInflight).hitRate + 0.5)
    }

    @Test("one tenant with a third of all requests overruns nobody")
    func hotTenant() {
        var trace = trace
        trace.firstTenantShare = 0.33
        let ours = trace.run(.prefix)
        #expect(ours.maxByMeanLoad <= 1.3)
        #expect(ours.hitRate > 0.65)
    }
}
