package inferencekey

import (
	"bytes"
	"encoding/json"
)

// Results of the hot path are read here and not by encoding/json, which goes over every byte three times, most of them
// in raw. What the library wrote is well-formed; should it ever not be, reading says so and encoding/json finds the
// reason.

// members calls found for each member of a JSON object, with the text of its value. False when it is none.
func members(data []byte, found func(name, value []byte) bool) bool {
	at := space(data, 0)
	if at == len(data) || data[at] != '{' {
		return false
	}
	at = space(data, at+1)
	for at < len(data) && data[at] != '}' {
		name, isRead := span(data, at)
		if !isRead || data[at] != '"' {
			return false
		}
		colon := space(data, name)
		if colon == len(data) || data[colon] != ':' {
			return false
		}
		start := space(data, colon+1)
		end, isRead := span(data, start)
		if !isRead || !found(data[at+1:name-1], data[start:end:end]) {
			return false
		}
		if at = space(data, end); at < len(data) && data[at] == ',' {
			at = space(data, at+1)
		}
	}
	return at < len(data)
}

// elements calls found for each value of a JSON array. False when it is none.
func elements(data []byte, found func(value []byte) bool) bool {
	at := space(data, 0)
	if at == len(data) || data[at] != '[' {
		return false
	}
	at = space(data, at+1)
	for at < len(data) && data[at] != ']' {
		end, isRead := span(data, at)
		if !isRead || !found(data[at:end:end]) {
			return false
		}
		if at = space(data, end); at < len(data) && data[at] == ',' {
			at = space(data, at+1)
		}
	}
	return at < len(data)
}

// span gives the place after the value that starts there.
func span(data []byte, at int) (int, bool) {
	if at >= len(data) {
		return at, false
	}
	switch data[at] {
	case '"':
		return quoted(data, at)
	case '{', '[':
		for depth := 0; at < len(data); at++ {
			switch data[at] {
			case '"':
				end, isRead := quoted(data, at)
				if !isRead {
					return at, false
				}
				at = end - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return at + 1, true
				}
			}
		}
		return at, false
	default:
		start := at
		for at < len(data) && data[at] != ',' && data[at] != '}' && data[at] != ']' && data[at] > ' ' {
			at++
		}
		return at, at > start
	}
}

// quoted gives the place after the text that starts there.
func quoted(data []byte, at int) (int, bool) {
	for at++; at < len(data); {
		quote := bytes.IndexByte(data[at:], '"')
		if quote < 0 {
			return at, false
		}
		backslash := bytes.IndexByte(data[at:at+quote], '\\')
		if backslash < 0 {
			return at + quote + 1, true
		}
		at += backslash + 2
	}
	return at, false
}

func space(data []byte, at int) int {
	for at < len(data) && (data[at] == ' ' || data[at] == '\n' || data[at] == '\t' || data[at] == '\r') {
		at++
	}
	return at
}

// readText reads a text; null leaves it empty.
func readText(value []byte, text *string) bool {
	if len(value) == 0 || value[0] != '"' {
		return string(value) == "null"
	}
	if bytes.IndexByte(value, '\\') >= 0 {
		return json.Unmarshal(value, text) == nil
	}
	*text = string(value[1 : len(value)-1])
	return true
}

func readUsage(value []byte, usage **Usage) bool {
	return string(value) == "null" || json.Unmarshal(value, usage) == nil
}

// readable reads itself from what the library wrote; false leaves it to encoding/json.
type readable interface{ read(data []byte) bool }

func (result *TextResult) read(data []byte) bool {
	return members(data, func(name, value []byte) bool {
		switch string(name) {
		case "text":
			return readText(value, &result.Text)
		case "model":
			return readText(value, &result.Model)
		case "finish_reason":
			return readText(value, &result.FinishReason)
		case "usage":
			return readUsage(value, &result.Usage)
		case "raw":
			result.Raw = value
		}
		return true
	})
}

func (chunk *TextChunk) read(data []byte) bool {
	return members(data, func(name, value []byte) bool {
		switch string(name) {
		case "text":
			return readText(value, &chunk.Text)
		case "finish_reason":
			return readText(value, &chunk.FinishReason)
		case "usage":
			return readUsage(value, &chunk.Usage)
		case "raw":
			chunk.Raw = value
		}
		return true
	})
}

// textChunks is a batch of a stream.
type textChunks []TextChunk

func (chunks *textChunks) read(data []byte) bool {
	return elements(data, func(value []byte) bool {
		*chunks = append(*chunks, TextChunk{})
		return (*chunks)[len(*chunks)-1].read(value)
	})
}
