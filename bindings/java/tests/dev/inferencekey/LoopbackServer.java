package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A small HTTP server on a loopback port that does what a test's script tells it, and keeps what it was asked. */
final class LoopbackServer implements AutoCloseable {
    record Request(String method, String target, Map<String, String> headers, byte[] body, int connection) {
        Map<String, Object> json() {
            return Json.object(Json.parse(body));
        }

        boolean isStream() {
            return Boolean.TRUE.equals(json().get("stream"));
        }
    }

    interface Script {
        void answer(Request request, Reply reply) throws Exception;
    }

    /** One connection, as the script writes to it. */
    static final class Reply {
        private final Socket socket;
        private final OutputStream out;

        Reply(Socket socket) throws IOException {
            this.socket = socket;
            out = socket.getOutputStream();
        }

        void send(byte[] data) throws IOException {
            out.write(data);
            out.flush();
        }

        void answer(byte[] body, int status, String type, String... headers) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\ncontent-type: " + type
                    + "\r\ncontent-length: " + body.length + "\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            whole.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
            whole.writeBytes(body);
            send(whole.toByteArray());
        }

        void json(Object value, int status, String... headers) throws IOException {
            answer(Json.write(value), status, "application/json", headers);
        }

        void json(Object value) throws IOException {
            json(value, 200);
        }

        void openEvents() throws IOException {
            send(("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
        }

        void event(Object value) throws IOException {
            byte[] data = value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : Json.write(value);
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            whole.writeBytes((Integer.toHexString(data.length + 8) + "\r\ndata: ").getBytes(StandardCharsets.UTF_8));
            whole.writeBytes(data);
            whole.writeBytes("\n\n\r\n".getBytes(StandardCharsets.UTF_8));
            send(whole.toByteArray());
        }

        /** The last event, and the end. */
        void done() throws IOException {
            event("[DONE]");
            end();
        }

        void end() throws IOException {
            send("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        }

        void close() throws IOException {
            socket.close();
        }

        /** Whether the other side closes the connection within 10 s. */
        boolean waitClosed() throws IOException {
            socket.setSoTimeout(10_000);
            try {
                while (socket.getInputStream().read() >= 0) {}
                return true;
            } catch (SocketTimeoutException late) {
                return false;
            } catch (IOException reset) {
                return true;
            }
        }
    }

    volatile Script script = (request, reply) -> reply.json(Map.of());
    final List<Request> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger accepted = new AtomicInteger();
    final String url;
    private final ServerSocket listener;

    LoopbackServer() throws IOException {
        listener = new ServerSocket(0, 2048, InetAddress.getByName("127.0.0.1"));
        url = "http://127.0.0.1:" + listener.getLocalPort();
        start(this::accept);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(null, work, "loopback-server", 128 * 1024);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                int number = accepted.getAndIncrement();
                start(() -> serve(socket, number));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            InputStream in = new java.io.BufferedInputStream(socket.getInputStream());
            Reply reply = new Reply(socket);
            for (String head = head(in); head != null; head = head(in)) {
                String[] lines = head.split("\r\n");
                Map<String, String> headers = new TreeMap<>();
                for (int i = 1; i < lines.length; i++) {
                    int colon = lines[i].indexOf(':');
                    String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
                    headers.put(name, lines[i].substring(colon + 1).strip());
                }
                String[] words = lines[0].split(" ");
                byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
                Request request = new Request(words[0], words[1], headers, body, number);
                requests.add(request);
                script.answer(request, reply);
            }
        } catch (IOException gone) {
            return;
        } catch (Exception reason) {
            throw new IllegalStateException(reason);
        }
    }

    /** Up to the blank line; null when the connection ends. */
    static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.write(next);
            if (next == '\n' && head.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
                return head.toString(StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
