package dev.inferencekey.internal;

import dev.inferencekey.ConfigurationException;
import dev.inferencekey.ErrorDetails;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Finds the two libraries and loads them: from the folder that the system property {@code dev.inferencekey.native}
 * names, else from a private cache that is filled from the jar once per version, else from a private temporary folder.
 */
final class NativeLibrary {
    /** Names a folder with both libraries, which are then not taken from the jar. */
    static final String PROPERTY = "dev.inferencekey.native";

    private static final String SHIM = "libinferencekey_jni.so";
    private static final String CORE = "libinferencekey.so";
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    private NativeLibrary() {}

    private static volatile boolean isLoaded;

    /** Loads them once. Throws {@code ConfigurationException}, each time, where they cannot be had. */
    static void load() {
        if (!isLoaded) {
            loadOnce();
        }
    }

    private static synchronized void loadOnce() {
        if (isLoaded) {
            return;
        }
        String given = System.getProperty(PROPERTY);
        try {
            if (given != null && !given.isBlank()) {
                link(Path.of(given).toAbsolutePath().resolve(SHIM));
            } else {
                loadFromJar();
            }
        } catch (IOException | UnsatisfiedLinkError | RuntimeException reason) {
            if (reason instanceof ConfigurationException known) {
                throw known;
            }
            throw failure("the native library cannot be loaded (" + reason.getMessage() + ")", reason);
        }
        check(Native.abiVersions());
        isLoaded = true;
    }

    /** Refuses a library that speaks another version than the header that this package was built with. */
    private static void check(long versions) {
        int wanted = (int) (versions >>> 32);
        int found = (int) versions;
        if (wanted != found) {
            throw failure(
                    "the native library has ABI version " + found + ", and this package needs " + wanted, null);
        }
    }

    private static ConfigurationException failure(String what, Throwable cause) {
        String remedy = System.getProperty(PROPERTY) == null
                ? "Build the package again with bindings/java/build. Where no folder may hold programs, name one with"
                        + " both libraries: -D" + PROPERTY + "=FOLDER"
                : "Take -D" + PROPERTY + " away, or name a folder with " + SHIM + " and " + CORE + " of this version";
        ConfigurationException made =
                new ConfigurationException("configuration error: " + what + ". " + remedy, ErrorDetails.NONE);
        made.initCause(cause);
        return made;
    }

    private static void loadFromJar() throws IOException {
        String system = system();
        String place = "/dev/inferencekey/native/" + system + "/";
        String name = nameOfContents(place, system);
        Path cached = cache(place, name);
        if (cached != null && links(cached.resolve(SHIM))) {
            return;
        }
        // What is mapped stays when its file is gone.
        Path folder = Files.createTempDirectory("inferencekey-", PosixFilePermissions.asFileAttribute(PRIVATE));
        try {
            extract(place, folder);
            link(folder.resolve(SHIM));
        } finally {
            delete(folder);
        }
    }

    /** False where the cache may hold no programs, or was damaged. */
    private static boolean links(Path shim) {
        try {
            link(shim);
            return true;
        } catch (UnsatisfiedLinkError unusable) {
            return false;
        }
    }

    @SuppressWarnings("restricted")
    private static void link(Path shim) {
        System.load(shim.toString());
    }

    private static String system() {
        String machine = System.getProperty("os.arch");
        return System.getProperty("os.name").toLowerCase(java.util.Locale.ROOT)
                + "-"
                + (machine.equals("amd64") ? "x86_64" : machine);
    }

    private static String nameOfContents(String place, String system) throws IOException {
        try (InputStream index = NativeLibrary.class.getResourceAsStream(place + "digest")) {
            if (index == null) {
                throw failure("this package carries no native library for " + system, null);
            }
            return new String(index.readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
    }

    /** The folder of these contents in the cache, filled if it was not there; null where no private one can be had. */
    private static Path cache(String place, String name) {
        try {
            String given = System.getenv("XDG_CACHE_HOME");
            Path home = given == null || given.isBlank()
                    ? Path.of(System.getProperty("user.home"), ".cache")
                    : Path.of(given);
            Path parent = home.toAbsolutePath().resolve("inferencekey").resolve("java");
            Path folder = parent.resolve(name);
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(parent);
                fill(place, parent, folder);
            }
            return isOurs(folder) ? folder : null;
        } catch (IOException | RuntimeException reason) {
            return null;
        }
    }

    /** The folder appears whole or not at all, whoever else fills it at the same time. */
    private static void fill(String place, Path parent, Path folder) throws IOException {
        Path partial = Files.createTempDirectory(parent, "partial-", PosixFilePermissions.asFileAttribute(PRIVATE));
        try {
            extract(place, partial);
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException other) {
            delete(partial);
        } catch (java.nio.file.FileSystemException reason) {
            delete(partial);
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw reason;
            }
        }
    }

    /** Nobody else could have put anything there. */
    private static boolean isOurs(Path folder) throws IOException {
        Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        return owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).equals(PRIVATE);
    }

    private static void extract(String place, Path folder) throws IOException {
        for (String name : new String[] {CORE, SHIM}) {
            try (InputStream library = NativeLibrary.class.getResourceAsStream(place + name)) {
                if (library == null) {
                    throw failure("this package carries no " + name, null);
                }
                Files.copy(library, folder.resolve(name));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        for (String name : new String[] {CORE, SHIM}) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.deleteIfExists(folder);
    }
}
