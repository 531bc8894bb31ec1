package inferencekey

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Request is a call of any other route of an endpoint.
type Request struct {
	// Method is GET unless given.
	Method string
	// Path is below the endpoint's BaseURL, such as /images/generations.
	Path string
	// Headers are sent beside the client's own. An Idempotency-Key lets a request that may have begun be sent again.
	Headers map[string]string
	// JSON, Text and Bytes are the body; at most one of them.
	JSON  any
	Text  string
	Bytes []byte
	// ContentType is of Text and Bytes.
	ContentType string
}

// Request calls any other route below BaseURL.
func (endpoint *Endpoint) Request(ctx context.Context, request Request) (*Response, error) {
	arguments := struct {
		target
		Method      string            `json:"method,omitempty"`
		Path        string            `json:"path"`
		Headers     map[string]string `json:"headers,omitempty"`
		JSON        any               `json:"json,omitempty"`
		Text        string            `json:"text,omitempty"`
		Base64      *string           `json:"base64,omitempty"`
		ContentType string            `json:"content_type,omitempty"`
	}{
		endpoint.own, request.Method, request.Path, request.Headers, request.JSON, request.Text,
		inBase64(request.Bytes), request.ContentType,
	}
	var answer struct {
		Status  int         `json:"status"`
		Headers [][2]string `json:"headers"`
		Text    string      `json:"text"`
		Base64  *string     `json:"base64"`
	}
	if err := endpoint.client.call(ctx, operationRequest, arguments, &answer); err != nil {
		return nil, err
	}
	response := &Response{Status: answer.Status, Headers: answer.Headers, Body: []byte(answer.Text)}
	if answer.Base64 != nil {
		body, err := base64.StdEncoding.DecodeString(*answer.Base64)
		if err != nil {
			return nil, newError(kindAPI, "api error: the answer has not the form it should have: "+err.Error())
		}
		response.Body = body
	}
	return response, nil
}

// Response is an answer of any other route, as it came.
type Response struct {
	Status int
	// Headers are pairs in the order and spelling of the server.
	Headers [][2]string
	Body    []byte
}

// Header is the first value of the header, whatever the case of its name; empty where there is none.
func (response *Response) Header(name string) string {
	for _, pair := range response.Headers {
		if strings.EqualFold(pair[0], name) {
			return pair[1]
		}
	}
	return ""
}

// JSON reads the body into value; an *APIError when it is no JSON or does not fit.
func (response *Response) JSON(value any) error {
	err := json.Unmarshal(response.Body, value)
	if err == nil {
		return nil
	}
	return errorOfKind(kindAPI, Details{
		Kind: kindNames[kindAPI], Status: response.Status, RequestID: response.Header("x-request-id"),
		Message: fmt.Sprintf(
			"api error (status %d): the answer was not JSON (%v): %s", response.Status, err, start(response.Body)),
	})
}

// start is the beginning of a body, for a message.
func start(body []byte) string {
	const limit = 200
	if len(body) > limit {
		body = body[:limit]
	}
	if !utf8.Valid(body) {
		return strings.ToValidUTF8(string(body), "�")
	}
	return string(body)
}
