import NIOCore
import Testing

@testable import Gateway

@Suite("descriptors")
struct DescriptorLimitTests {
    @Test("every client that is let in can be given a connection to an engine")
    func connections() {
        for (descriptors, loops) in [(256, 1), (256, 4), (1024, 2), (131_072, 4)] {
            let each = DescriptorLimit(descriptors: descriptors).connections(loops: loops)
            #expect(each * loops * 2 <= descriptors - 64)
            #expect(each * loops * 2 >= descriptors / 2 - 2 * loops)
        }
        #expect(DescriptorLimit(descriptors: 8).connections(loops: 4) == 1)
    }

    @Test("the limit is raised, and not lowered again")
    func raised() {
        let first = DescriptorLimit.raised()
        #expect(first.descriptors >= 256)
        #expect(DescriptorLimit.raised() == first)
    }

    @Test("the spare ones are spent once, and held again when there are some")
    func spare() {
        var spare = SpareDescriptors()
        #expect(!SpareDescriptors.areShort)
        let tries = (spare.spend(), spare.spend())
        #expect(tries == (true, false))
        #expect(SpareDescriptors.areShort)
        spare.refill()
        #expect(!SpareDescriptors.areShort)
        spare.letGo()
    }

    @Test("only want of descriptors counts as that")
    func cause() {
        #expect(SpareDescriptors.isCause(of: IOError(errnoCode: 24, reason: "accept")))
        #expect(!SpareDescriptors.isCause(of: IOError(errnoCode: 111, reason: "connect")))
        #expect(!SpareDescriptors.isCause(of: ChannelError.ioOnClosedChannel))
    }
}
