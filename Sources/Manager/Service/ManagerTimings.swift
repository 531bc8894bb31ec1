/// The rhythms of a Manager; every one has a default that is right outside of tests.
package struct ManagerTimings: Sendable {
    /// The reconciler looks at least this often.
    package var tick: Duration = .seconds(1)
    /// What nobody needs any more is forgotten this often.
    package var housekeeping: Duration = .seconds(3600)
    /// An event stream sends a comment at least this often.
    package var keepAlive: Duration = .seconds(15)
    /// A Gateway is sent at most one version of its tables in this time.
    package var feedInterval: Duration = .milliseconds(20)
    /// A worker that was not heard of for this long is lost.
    package var workerLostAfter: Duration = .seconds(30)
    /// A Gateway that was not heard of for this long no longer holds up a drain.
    package var gatewayLostAfter: Duration = .seconds(5)
    /// How long an answer waits for the Gateways to serve by what it tells; one that lags longer is not waited for.
    package var gatewayWait: Duration = .milliseconds(250)
    /// How long a worker may take to send the lines of a log that is not followed.
    package var logWait: Duration = .seconds(5)
    /// Requests in flight may hold up a stop for this long, seconds.
    package var drainSeconds = 60
    /// The head of a request, and its body, must arrive within this time.
    package var requestDeadline: Duration = .seconds(15)
    /// The body of a form may take longer than that, as long as it arrives at this rate at least, bytes a second.
    package var minUploadBytesPerSecond = 16 << 10
    /// A connection without a request is closed after this time.
    package var idleConnection: Duration = .seconds(75)
    /// A reader that takes nothing for this long is cut.
    package var stalledWrite: Duration = .seconds(30)

    package init() {}
}
