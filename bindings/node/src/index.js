"use strict";
// Declare AI workloads in code, and call them. The native library is loaded when a client is first made.

const { DataClient } = require("./data.js");
const { Endpoint, TextStream } = require("./endpoint.js");
const enums = require("./enums.js");
const { classes } = require("./errors.js");
const { LogStream, ManagementClient } = require("./management.js");
const { verifyWebhook } = require("./webhooks.js");

module.exports = {
  DataClient,
  Endpoint,
  LogStream,
  ManagementClient,
  TextStream,
  verifyWebhook,
  ...enums,
  ...classes,
};
