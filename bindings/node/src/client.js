"use strict";
// What both clients have in common: their connections, and the end of them.

const { Exchange } = require("./exchange.js");
const native = require("./native.js");
const { options } = require("./options.js");

/** The exchange of a client of that plane; `environment` where its settings may come from the environment. */
function open(plane, settings, given, environment) {
  return new Exchange(native.client(plane, { ...settings, options: options(given), environment }));
}

/** Gives the class `Symbol.asyncDispose` where this Node has it. */
function disposable(kind) {
  if (!Symbol.asyncDispose) return;
  Object.defineProperty(kind.prototype, Symbol.asyncDispose, {
    value: async function () {
      this.close();
    },
    configurable: true,
    writable: true,
  });
}

module.exports = { open, disposable };
