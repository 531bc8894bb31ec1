package inferencekey_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// loopback is a small HTTP server on a loopback port that does what a test's script tells it, and keeps what it was
// asked.
type loopback struct {
	url      string
	listener net.Listener

	mutex    sync.Mutex
	script   func(*asked, *reply)
	requests []*asked
	accepted int
}

// asked is one request, and its exact bytes.
type asked struct {
	method, target string
	headers        textproto.MIMEHeader
	body           []byte
	wire           []byte
	connection     int
}

func (asked *asked) json(t testing.TB) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(asked.body, &value); err != nil {
		t.Errorf("the body is no JSON: %v: %q", err, asked.body)
	}
	return value
}

func newLoopback(t testing.TB, script func(*asked, *reply)) *loopback {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &loopback{url: "http://" + listener.Addr().String(), listener: listener, script: script}
	go server.accept()
	t.Cleanup(func() { listener.Close() })
	return server
}

func (server *loopback) answer(script func(*asked, *reply)) {
	server.mutex.Lock()
	defer server.mutex.Unlock()
	server.script = script
}

func (server *loopback) seen() []*asked {
	server.mutex.Lock()
	defer server.mutex.Unlock()
	return append([]*asked(nil), server.requests...)
}

func (server *loopback) connections() int {
	server.mutex.Lock()
	defer server.mutex.Unlock()
	return server.accepted
}

func (server *loopback) accept() {
	for {
		connection, err := server.listener.Accept()
		if err != nil {
			return
		}
		server.mutex.Lock()
		number := server.accepted
		server.accepted++
		server.mutex.Unlock()
		go server.serve(connection, number)
	}
}

func (server *loopback) serve(connection net.Conn, number int) {
	defer connection.Close()
	var wire bytes.Buffer
	reader := bufio.NewReader(io.TeeReader(connection, &wire))
	for {
		request := &asked{connection: number}
		before := reader.Buffered()
		rest := append([]byte(nil), wire.Bytes()[wire.Len()-before:]...)
		wire.Reset()
		wire.Write(rest)
		lines := textproto.NewReader(reader)
		first, err := lines.ReadLine()
		if err != nil {
			return
		}
		words := strings.Split(first, " ")
		request.method, request.target = words[0], words[1]
		if request.headers, err = lines.ReadMIMEHeader(); err != nil {
			return
		}
		length, _ := strconv.Atoi(request.headers.Get("Content-Length"))
		request.body = make([]byte, length)
		if _, err := io.ReadFull(reader, request.body); err != nil {
			return
		}
		request.wire = append([]byte(nil), wire.Bytes()[:wire.Len()-reader.Buffered()]...)
		server.mutex.Lock()
		server.requests = append(server.requests, request)
		script := server.script
		server.mutex.Unlock()
		answering := &reply{connection: connection}
		script(request, answering)
		if answering.isClosed {
			return
		}
	}
}

// reply is one connection, as the script writes to it.
type reply struct {
	connection net.Conn
	isClosed   bool
}

func (reply *reply) send(text string) { _, _ = io.WriteString(reply.connection, text) }

func (reply *reply) answer(status int, kind, body string, headers ...string) {
	lines := append([]string{
		fmt.Sprintf("HTTP/1.1 %d X", status), "content-type: " + kind, fmt.Sprintf("content-length: %d", len(body)),
	}, headers...)
	reply.send(strings.Join(lines, "\r\n") + "\r\n\r\n" + body)
}

func (reply *reply) json(status int, value any, headers ...string) {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	reply.answer(status, "application/json", string(encoded), headers...)
}

func (reply *reply) openEvents() {
	reply.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
}

func (reply *reply) event(value any) {
	data, isText := value.(string)
	if !isText {
		encoded, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		data = string(encoded)
	}
	reply.chunk("data: " + data + "\n\n")
}

func (reply *reply) chunk(text string) { reply.send(fmt.Sprintf("%x\r\n%s\r\n", len(text), text)) }
func (reply *reply) end()              { reply.chunk("") }

func (reply *reply) close() {
	reply.isClosed = true
	reply.connection.Close()
}

// waitClosed tells whether the other side closes the connection in time.
func (reply *reply) waitClosed() bool {
	reply.isClosed = true
	_ = reply.connection.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, err := io.Copy(io.Discard, reply.connection)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

const (
	secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	token  = "ik_sdk_a1b2c3d4_" + secret
	key    = "ik_live_0badcafe_" + secret
)

type fields = map[string]any

func completion(text string) fields {
	return fields{
		"id": "c-1", "object": "chat.completion", "model": "m",
		"choices": []any{fields{
			"index": 0, "message": fields{"role": "assistant", "content": text}, "finish_reason": "stop",
		}},
		"usage": fields{"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
	}
}

func delta(text string, finish any) fields {
	return fields{"choices": []any{fields{"index": 0, "delta": fields{"content": text}, "finish_reason": finish}}}
}

func workload(more fields) fields {
	made := fields{
		"id": "wl_1", "name": "Bot", "description": nil, "slug": "bot", "project_id": "prj_1", "project_slug": "acme",
		"workload_slug": "bot", "task_type": "text2text", "backend": "vllm", "model_name": "m", "config": nil,
		"worker_id": nil, "gpu_resource_id": nil, "execution_policy": "fixed", "execution_policy_config": nil,
		"revision": 1, "status": "ready", "status_reason": nil, "replacement": "rolling",
		"created_at": "2026-11-24T08:00:00Z", "updated_at": "2026-11-24T08:00:00Z",
	}
	for name, value := range more {
		made[name] = value
	}
	return made
}
