package dev.inferencekey;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test with a server and clients of it. */
abstract class ServerTest {
    LoopbackServer server;
    DataClient data;
    ManagementClient management;
    Endpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        server = new LoopbackServer();
        data = Fixtures.data(server);
        management = Fixtures.management(server);
        endpoint = data.endpoint("support-bot");
    }

    @AfterEach
    void close() throws IOException {
        data.close();
        management.close();
        server.close();
    }
}
