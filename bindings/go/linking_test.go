package inferencekey_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// without gives the environment less what tells the loader where the library lies.
func without(environment []string, name string) []string {
	var rest []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, name+"=") {
			rest = append(rest, variable)
		}
	}
	return rest
}

func TestAStaticProgramNeedsNoLibrary(t *testing.T) {
	if exec.Command("pkg-config", "--exists", "inferencekey-static").Run() != nil {
		t.Fatal("pkg-config does not know inferencekey-static: scripts/build-library makes it")
	}
	server := newLoopback(t, samplePlatform(t))
	program := built(t, "./samples/basic", "-tags", "inferencekey_static")
	command := exec.Command(program)
	command.Env = without(settings(server.url), "LD_LIBRARY_PATH")
	output, err := command.CombinedOutput()
	if err != nil || string(output) != "Hola\n" {
		t.Fatalf("%v: %s", err, output)
	}
	needed, err := exec.Command("ldd", program).CombinedOutput()
	if err != nil || bytes.Contains(needed, []byte("inferencekey")) || bytes.Contains(needed, []byte("stdc++")) {
		t.Fatalf("%v: it needs %s", err, needed)
	}
	size := must[os.FileInfo](t)(os.Stat(program)).Size()
	t.Logf("a static program: %d bytes", size)
	if size > 30_000_000 {
		t.Errorf("a static program has %d bytes", size)
	}
}

func TestAMissingLibraryIsNamedByTheLoader(t *testing.T) {
	command := exec.Command(built(t, "./samples/basic"))
	command.Env = append(without(settings("http://127.0.0.1:9"), "LD_LIBRARY_PATH"), "LC_ALL=C")
	output, err := command.CombinedOutput()
	if err == nil {
		t.Skip("the library is where the loader looks by itself")
	}
	if !strings.Contains(string(output), "libinferencekey.so: cannot open shared object file") {
		t.Fatalf("%v: %s", err, output)
	}
}

// Every function of the header is there, and says another ABI version.
func TestALibraryOfAnotherABIIsRefused(t *testing.T) {
	folder := t.TempDir()
	source := filepath.Join(folder, "other.c")
	library := filepath.Join(folder, "libinferencekey.so")
	text := "#include <stdint.h>\nuint32_t ik_abi_version(void) { return 99; }\n"
	for _, name := range []string{
		"ik_error_free", "ik_bytes_free", "ik_client_create", "ik_client_free", "ik_start", "ik_next", "ik_cancel",
		"ik_request_free", "ik_call", "ik_client_descriptor", "ik_request_id", "ik_poll", "ik_decide",
	} {
		text += "int " + name + "(void) { __builtin_trap(); }\n"
	}
	if err := os.WriteFile(source, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	compile := exec.Command("gcc", "-shared", "-fPIC", "-Wl,-soname=libinferencekey.so", source, "-o", library)
	if output, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	command := exec.Command(built(t, "./samples/basic"))
	command.Env = append(without(settings("http://127.0.0.1:9"), "LD_LIBRARY_PATH"), "LD_LIBRARY_PATH="+folder)
	output, _ := command.CombinedOutput()
	wanted := "configuration error: libinferencekey has ABI version 99, and this package needs 1."
	if !strings.HasPrefix(string(output), wanted) {
		t.Fatalf("got %s", output)
	}
}
