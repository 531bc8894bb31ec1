package inferencekey

import (
	"fmt"
	"io"
	"strings"
)

// terminalProgress is the built-in progress of WaitUntilReady: one live line on a terminal; elsewhere a line when phase
// or step change.
type terminalProgress struct {
	slug   string
	writer io.Writer
	isLive bool
	// Phase and step of the last event.
	last [2]string
}

func newTerminalProgress(slug string, writer io.Writer, isLive bool) *terminalProgress {
	return &terminalProgress{slug: slug, writer: writer, isLive: isLive}
}

func (progress *terminalProgress) show(event ReadinessEvent) {
	current := [2]string{event.Phase, event.Step}
	if progress.isLive {
		fmt.Fprintf(progress.writer, "\r\x1b[K%s", progress.line(event))
	} else if current != progress.last {
		fmt.Fprintln(progress.writer, progress.line(event))
	}
	progress.last = current
}

// finish leaves the live line standing.
func (progress *terminalProgress) finish() {
	if progress.isLive && progress.last != [2]string{} {
		fmt.Fprintln(progress.writer)
		progress.last = [2]string{}
	}
}

func (progress *terminalProgress) line(event ReadinessEvent) string {
	words := []string{progress.slug + ": " + event.Phase}
	if event.Message != "" {
		words = append(words, event.Message)
	}
	if event.BytesDone != nil {
		size := sizeInWords(*event.BytesDone)
		if event.BytesTotal != nil && *event.BytesTotal > 0 {
			size += " of " + sizeInWords(*event.BytesTotal)
		}
		words = append(words, size)
	}
	if event.ETAMS != nil {
		words = append(words, fmt.Sprintf("about %d s left", *event.ETAMS/1000))
	}
	if event.Stalled {
		words = append(words, "no progress for 60 s")
	}
	seconds := event.ElapsedMS / 1000
	return fmt.Sprintf("%d:%02d %s", seconds/60, seconds%60, strings.Join(words, " · "))
}

func sizeInWords(bytes int64) string {
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	size, units := float64(bytes)/1000, []string{"kB", "MB", "GB", "TB"}
	for size >= 1000 && len(units) > 1 {
		size, units = size/1000, units[1:]
	}
	return fmt.Sprintf("%.1f %s", size, units[0])
}
