import Testing

@testable import Gateway

@Suite("usable cores")
struct UsableCoresTests {
    @Test("a mask of the kernel is counted, and there is always at least one core")
    func counts() {
        #expect(UsableCores.bits(in: "\t2") == 1)
        #expect(UsableCores.bits(in: "\tff,ffffffff") == 40)
        #expect((1...GatewayConfiguration.maxDefaultLoops).contains(GatewayConfiguration.defaultLoopCount))
    }
}
