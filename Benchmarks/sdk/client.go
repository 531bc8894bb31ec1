// One client doing one thing, in a process of its own. Prints JSON. Usage: CLIENT WHAT URL COUNT
//
// Built twice, with the file of one client beside this one: client_inferencekey.go or client_nethttp.go.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const key = "ik_live_0badcafe_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// measured is one client, ready to work; stream gives how many events came.
type measured struct {
	call   func() (string, error)
	stream func() (int, error)
}

func main() {
	what, url := os.Args[2], os.Args[3]
	count, err := strconv.Atoi(os.Args[4])
	must(err)
	found := map[string]float64{}
	switch what {
	case "nothing": // What there is to start before main.
		return
	case "ready":
		newClient(url)
		return
	case "import":
		found["import_ms"], found["ready_ms"] = run("nothing"), run("ready")
		newClient(url)
		found["rss_kb"] = resident()
	case "threads":
		client := newClient(url)
		callOnce(client)
		var group sync.WaitGroup
		began := time.Now()
		for number := 0; number < 16; number++ {
			group.Add(1)
			go func() {
				defer group.Done()
				for turn := 0; turn < count/16; turn++ {
					callOnce(client)
				}
			}()
		}
		group.Wait()
		found["per_second"] = float64(count/16*16) / time.Since(began).Seconds()
	default:
		client := newClient(url)
		work := func() int { return callOnce(client) }
		if what == "streams" {
			work = func() int {
				events, err := client.stream()
				must(err)
				return events
			}
		}
		for turn := 0; turn < 20; turn++ {
			work()
		}
		cpu, began, units := processTime(), time.Now(), 0
		for turn := 0; turn < count; turn++ {
			units += work()
		}
		found["cpu_us"] = float64((processTime() - cpu).Nanoseconds()) / float64(units) / 1000
		found["wall_us"] = float64(time.Since(began).Nanoseconds()) / float64(units) / 1000
	}
	must(json.NewEncoder(os.Stdout).Encode(found))
}

func callOnce(client measured) int {
	text, err := client.call()
	must(err)
	if text == "" {
		log.Fatal("the answer is empty")
	}
	return 1
}

// run starts this program once more, to do next to nothing, and gives the milliseconds until it ends.
func run(what string) float64 {
	began := time.Now()
	must(exec.Command(os.Args[0], os.Args[1], what, os.Args[3], "1").Run())
	return float64(time.Since(began).Microseconds()) / 1000
}

// resident is the memory of this process in kB.
func resident() float64 {
	status, err := os.ReadFile("/proc/self/status")
	must(err)
	var size float64
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	_, err = fmt.Sscan(rest, &size)
	must(err)
	return size
}

func processTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
