package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// What a user of net/http writes by hand: a request, a decoded answer, and a reader of events line by line.

type answer struct {
	Choices []struct {
		Message      struct{ Content string }
		Delta        struct{ Content string }
		FinishReason *string `json:"finish_reason"`
	}
}

func newClient(url string) measured {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	post := func(body map[string]any) (*http.Response, error) {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost,
			url+"/endpoint/acme/bot/v1/chat/completions", bytes.NewReader(encoded))
		if err != nil {
			return nil, err
		}
		request.Header.Set("content-type", "application/json")
		request.Header.Set("authorization", "Bearer "+key)
		response, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		if response.StatusCode != http.StatusOK {
			response.Body.Close()
			return nil, fmt.Errorf("status %d", response.StatusCode)
		}
		return response, nil
	}
	messages := []map[string]any{{"role": "user", "content": "Hola"}}
	return measured{
		call: func() (string, error) {
			response, err := post(map[string]any{"model": "bot", "messages": messages, "max_tokens": 300})
			if err != nil {
				return "", err
			}
			defer response.Body.Close()
			var decoded answer
			if err := json.NewDecoder(response.Body).Decode(&decoded); err != nil {
				return "", err
			}
			return decoded.Choices[0].Message.Content, nil
		},
		stream: func() (int, error) {
			response, err := post(map[string]any{"model": "bot", "messages": messages, "stream": true})
			if err != nil {
				return 0, err
			}
			defer response.Body.Close()
			events := 0
			lines := bufio.NewScanner(response.Body)
			for lines.Scan() {
				data := bytes.TrimPrefix(lines.Bytes(), []byte("data: "))
				if len(data) == len(lines.Bytes()) || string(data) == "[DONE]" {
					continue
				}
				var decoded answer
				if err := json.Unmarshal(data, &decoded); err != nil {
					return events, err
				}
				events++
			}
			return events, lines.Err()
		},
	}
}
