package dev.inferencekey;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keeps the bytes of each request, and answers with the next of the texts; it reads no HTTP but lengths. */
final class WireServer implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length: *([0-9]+)");

    final String host;
    final String url;
    private final ServerSocket listener = new ServerSocket(0, 16, InetAddress.getByName("127.0.0.1"));
    private final List<byte[]> sent = new ArrayList<>();
    private final Iterator<Object> answers;

    WireServer(List<Object> answers) throws IOException {
        this.answers = answers.iterator();
        host = "127.0.0.1:" + listener.getLocalPort();
        url = "http://" + host;
        start(this::accept);
    }

    List<byte[]> sent() {
        synchronized (sent) {
            return List.copyOf(sent);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = listener.accept();
                start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String head = LoopbackServer.head(in); head != null; head = LoopbackServer.head(in)) {
                ByteArrayOutputStream request = new ByteArrayOutputStream();
                request.writeBytes(head.getBytes(StandardCharsets.UTF_8));
                Matcher length = LENGTH.matcher(head.toLowerCase(Locale.ROOT));
                if (length.find()) {
                    request.writeBytes(in.readNBytes(Integer.parseInt(length.group(1))));
                }
                String answer;
                synchronized (sent) {
                    sent.add(request.toByteArray());
                    if (!answers.hasNext()) {
                        return;
                    }
                    answer = (String) answers.next();
                }
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                if (endsConnection(answer)) {
                    return;
                }
            }
        } catch (IOException gone) {
            return;
        }
    }

    private static boolean endsConnection(String answer) {
        String head = answer.substring(0, answer.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
        boolean hasLength = head.contains("content-length:") || head.contains("chunked") || head.contains(" 204 ");
        return head.contains("connection: close") || !hasLength;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
