package inferencekey

import (
	"context"
	"os"
)

// WaitUntilReady returns when the workload is ready, with the event that said so.
//
// Without OnProgress or Silent, progress is shown on standard error: one live line on a terminal, plain lines
// elsewhere. An *APIError whose Code is the cause says that the workload cannot become ready, a *TimeoutError that the
// time is up. Options: WithTimeout, OnProgress, Silent, WithProject.
func (management *ManagementClient) WaitUntilReady(
	ctx context.Context, slug string, options ...Option,
) (*ReadinessEvent, error) {
	given, arguments, err := management.read(
		"WaitUntilReady", options, "project", "timeout_ms", "on_progress", "silent")
	if err != nil {
		return nil, err
	}
	arguments["slug"] = slug
	show := given.onProgress
	if show == nil && !given.isSilent {
		progress := newTerminalProgress(slug, os.Stderr, isTerminal(os.Stderr.Fd()))
		defer progress.finish()
		show = progress.show
	}
	events, err := open[ReadinessEvent](ctx, management.client, operationWaitUntilReady, arguments, false)
	if err != nil {
		return nil, err
	}
	defer events.close()
	var event ReadinessEvent
	for events.next(&event) {
		if show != nil {
			show(event)
		}
	}
	if events.failure != nil {
		return nil, events.failure
	}
	return &event, nil
}
