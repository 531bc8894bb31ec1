package dev.inferencekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the native library is found, each in a process of its own. */
class LibraryTest {
    private static final Path JAR = Path.of(System.getProperty("ik.jar"));

    @TempDir
    Path folder;

    /** A program that makes a client and says what came of it. */
    public static final class Program {
        public static void main(String[] words) {
            try (DataClient client = DataClient.create(o -> o.project("acme").apiKey(Fixtures.KEY))) {
                System.out.println(client.endpoint("bot").project());
            } catch (ConfigurationException error) {
                System.out.println(error.getMessage());
            }
        }
    }

    private String run(Path jar, Map<String, String> environment, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("-Xcheck:jni", "-Djava.io.tmpdir=" + folder));
        command.addAll(List.of(options));
        var place = LibraryTest.class.getProtectionDomain().getCodeSource().getLocation();
        Path tests = Path.of(place.toURI());
        command.addAll(List.of("-cp", jar + ":" + tests, Program.class.getName()));
        return Programs.run(environment, command).strip();
    }

    private Map<String, String> cacheIn(Path place) {
        return Map.of("XDG_CACHE_HOME", place.toString());
    }

    /** What the jar holds, as a folder. */
    private Path unpacked() throws Exception {
        Path classes = folder.resolve("unpacked");
        try (var archive = new java.util.jar.JarFile(JAR.toFile())) {
            for (var entry : archive.stream().filter(one -> !one.isDirectory()).toList()) {
                Path file = classes.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(archive.getInputStream(entry), file);
            }
        }
        return classes;
    }

    private Path natives(Path classes) throws Exception {
        try (var folders = Files.list(classes.resolve("dev/inferencekey/native"))) {
            return folders.findFirst().orElseThrow();
        }
    }

    @Test
    void theCacheIsFilledOnceAndPrivate() throws Exception {
        Path cache = folder.resolve("cache");
        assertEquals("acme", run(JAR, cacheIn(cache)));
        List<Path> found;
        try (var folders = Files.list(cache.resolve("inferencekey/java"))) {
            found = folders.toList();
        }
        assertEquals(1, found.size());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(found.get(0))));
        var written = Files.getLastModifiedTime(found.get(0).resolve("libinferencekey.so"));
        assertEquals("acme", run(JAR, cacheIn(cache)));
        assertEquals(written, Files.getLastModifiedTime(found.get(0).resolve("libinferencekey.so")));
    }

    @Test
    void aCacheThatOthersMayWriteToIsNotTrusted() throws Exception {
        Path cache = folder.resolve("cache");
        assertEquals("acme", run(JAR, cacheIn(cache)));
        Path found;
        try (var folders = Files.list(cache.resolve("inferencekey/java"))) {
            found = folders.findFirst().orElseThrow();
        }
        Files.writeString(found.resolve("libinferencekey_jni.so"), "no library at all");
        Files.setPosixFilePermissions(found, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertEquals("acme", run(JAR, cacheIn(cache)));
    }

    @Test
    void aDamagedCacheIsNotNeeded() throws Exception {
        Path cache = folder.resolve("cache");
        assertEquals("acme", run(JAR, cacheIn(cache)));
        try (var folders = Files.list(cache.resolve("inferencekey/java"))) {
            Files.writeString(folders.findFirst().orElseThrow().resolve("libinferencekey.so"), "no library at all");
        }
        assertEquals("acme", run(JAR, cacheIn(cache)));
    }

    @Test
    void withoutACacheATemporaryFolderServesAndIsGoneAfterwards() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals("acme", run(JAR, cacheIn(file)));
        try (var left = Files.list(folder)) {
            assertEquals(
                    List.of(), left.filter(one -> one.getFileName().toString().startsWith("inferencekey-")).toList());
        }
    }

    @Test
    void aPackageWithoutTheLibrary() throws Exception {
        Path classes = unpacked();
        Path natives = natives(classes);
        Files.delete(natives.resolve("digest"));
        String said = run(classes, cacheIn(folder.resolve("cache")));
        assertTrue(
                said.startsWith("configuration error: this package carries no native library for linux-")
                        && said.contains("Build the package again"),
                said);
    }

    @Test
    void aLibraryThatIsNone() throws Exception {
        Path natives = natives(unpacked());
        Files.writeString(natives.resolve("libinferencekey.so"), "no library at all");
        String said = run(JAR, Map.of(), "-Ddev.inferencekey.native=" + natives);
        assertTrue(
                said.startsWith("configuration error: the native library cannot be loaded (")
                        && said.contains("Take -Ddev.inferencekey.native away"),
                said);
    }

    /** Builds a library with these functions, in place of the true one. */
    private Path substitute(String source) throws Exception {
        Path natives = natives(unpacked());
        Path file = Files.writeString(folder.resolve("substitute.c"), source);
        Programs.execute(
                Map.of(),
                List.of("gcc", "-shared", "-fPIC", "-Wl,-soname=libinferencekey.so", file.toString(), "-o",
                        natives.resolve("libinferencekey.so").toString()));
        return natives;
    }

    private static final List<String> FUNCTIONS = List.of(
            "ik_bytes_free", "ik_error_free", "ik_client_create", "ik_client_free", "ik_start", "ik_next", "ik_cancel",
            "ik_request_free", "ik_call", "ik_client_descriptor", "ik_request_id", "ik_poll", "ik_decide");

    @Test
    void aLibraryOfAnotherVersion() throws Exception {
        StringBuilder source = new StringBuilder("unsigned ik_abi_version(void) { return 7; }\n");
        FUNCTIONS.forEach(name -> source.append("void ").append(name).append("(void) {}\n"));
        String said = run(JAR, Map.of(), "-Ddev.inferencekey.native=" + substitute(source.toString()));
        assertTrue(
                said.startsWith("configuration error: the native library has ABI version 7, and this package needs 1."),
                said);
    }

    @Test
    void aLibraryThatLacksAFunction() throws Exception {
        Path natives = substitute("unsigned ik_abi_version(void) { return 1; }\n");
        String said = run(JAR, Map.of(), "-Ddev.inferencekey.native=" + natives);
        assertTrue(
                said.startsWith("configuration error: the native library cannot be loaded (") && said.contains("ik_"),
                said);
    }

    @Test
    void proxyVariablesAreNotRead() throws Exception {
        try (LoopbackServer server = new LoopbackServer()) {
            server.script = (request, reply) -> reply.json(Fixtures.completion("Hola"));
            assertEquals("Hola\n", SamplesTest.run(server, "Basic", Map.of(
                    "http_proxy", "http://127.0.0.1:9", "HTTP_PROXY", "http://127.0.0.1:9",
                    "ALL_PROXY", "http://127.0.0.1:9")));
        }
    }
}
