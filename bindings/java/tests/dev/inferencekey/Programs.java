package dev.inferencekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs as users run them. */
final class Programs {
    private Programs() {}

    /** What a Java program with these options prints. */
    static String run(Map<String, String> environment, List<String> options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx96m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(options);
        return execute(environment, command);
    }

    /** What it prints on standard output, once it has ended well. */
    static String execute(Map<String, String> environment, List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("INFERENCEKEY_"));
        builder.environment().putAll(environment);
        File errors = File.createTempFile("errors", ".txt");
        try {
            Process process = builder.redirectError(errors).start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            String said = Files.readString(errors.toPath());
            assertEquals(0, process.exitValue(), said);
            assertFalse(printed.contains("native method") || said.contains("native method"), printed + said);
            return printed;
        } finally {
            Files.delete(errors.toPath());
        }
    }
}
