"use strict";
// The client of the data plane.

const { open, disposable } = require("./client.js");
const { Endpoint } = require("./endpoint.js");
const { environment } = require("./native.js");
const { options } = require("./options.js");

class DataClient {
  #exchange;

  constructor(given, variables) {
    const { baseUrl, project, apiKey } = given ?? {};
    this.#exchange = open("data", { base_url: baseUrl, project, api_key: apiKey }, given, variables);
  }

  static fromEnv(given) {
    return new DataClient(given, environment());
  }

  endpoint(slug, given) {
    return new Endpoint(this.#exchange, { slug, api_key: given?.apiKey, options: options(given) });
  }

  close() {
    this.#exchange.close();
  }
}
disposable(DataClient);

module.exports = { DataClient };
