package dev.inferencekey;

import dev.inferencekey.internal.Decisions;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** One live line on a terminal; elsewhere a plain line whenever phase or step change. */
final class TerminalProgress implements Progress {
    private final String slug;
    private final PrintStream stream;
    private final boolean isLive;
    private ReadinessEvent last;

    TerminalProgress(String slug, PrintStream stream, boolean isLive) {
        this.slug = slug;
        this.stream = stream;
        this.isLive = isLive;
    }

    static TerminalProgress onStandardError(String slug) {
        return new TerminalProgress(slug, System.err, Decisions.standardErrorIsTerminal());
    }

    @Override
    public void show(ReadinessEvent event) {
        if (isLive) {
            stream.print("\r\u001b[K" + line(event));
        } else if (last == null || !last.phase().equals(event.phase()) || !Objects.equals(last.step(), event.step())) {
            stream.println(line(event));
        }
        last = event;
        stream.flush();
    }

    /** Leaves the live line standing. */
    @Override
    public void finish() {
        if (isLive && last != null) {
            stream.println();
            stream.flush();
            last = null;
        }
    }

    private String line(ReadinessEvent event) {
        List<String> words = new ArrayList<>();
        words.add(slug + ": " + event.phase());
        if (event.message() != null && !event.message().isEmpty()) {
            words.add(event.message());
        }
        if (event.bytesDone() != null) {
            boolean hasTotal = event.bytesTotal() != null && event.bytesTotal() > 0;
            words.add(size(event.bytesDone()) + (hasTotal ? " of " + size(event.bytesTotal()) : ""));
        }
        if (event.etaMs() != null) {
            words.add("about " + event.etaMs() / 1000 + " s left");
        }
        if (event.stalled()) {
            words.add("no progress for 60 s");
        }
        long seconds = event.elapsedMs() / 1000;
        return "%d:%02d %s".formatted(seconds / 60, seconds % 60, String.join(" · ", words));
    }

    private static String size(long count) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double size = count;
        int unit = 0;
        while (size >= 1000 && unit < units.length - 1) {
            size /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
    }
}
