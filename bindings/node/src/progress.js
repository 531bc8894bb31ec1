"use strict";
// The built-in progress of `waitUntilReady`: one live line on a terminal, plain lines elsewhere.

/** Writes to standard error. Elsewhere than on a terminal a line is written only when phase or step change. */
class TerminalProgress {
  #slug;
  #stream;
  #last = null;

  constructor(slug, stream = process.stderr) {
    this.#slug = slug;
    this.#stream = stream;
  }

  show(event) {
    const place = `${event.phase} ${event.step}`;
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${this.line(event)}`);
    else if (place !== this.#last) this.#stream.write(`${this.line(event)}\n`);
    this.#last = place;
  }

  /** Leaves the live line standing. */
  finish() {
    if (this.#stream.isTTY && this.#last !== null) this.#stream.write("\n");
    this.#last = null;
  }

  line(event) {
    const seconds = Math.floor(event.elapsedMs / 1000);
    const words = [`${this.#slug}: ${event.phase}`, event.message];
    if (event.bytesDone !== null) {
      words.push(`${size(event.bytesDone)}${event.bytesTotal ? ` of ${size(event.bytesTotal)}` : ""}`);
    }
    if (event.etaMs !== null) words.push(`about ${Math.floor(event.etaMs / 1000)} s left`);
    if (event.stalled) words.push("no progress for 60 s");
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    return `${clock} ${words.filter(Boolean).join(" · ")}`;
  }
}

function size(count) {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

module.exports = { TerminalProgress };
