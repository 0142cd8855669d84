import createOpenApiClient, { type Client, type ClientOptions } from "openapi-fetch";
import type { components, paths } from "./document.js";

/** The schemas of the document by name: `Schemas["Instance"]`. */
export type Schemas = components["schemas"];

/** Calls the service at `options.baseUrl`; every path and every member is known to the compiler. */
export function createClient(options: ClientOptions): Client<paths> {
  return createOpenApiClient<paths>(options);
}
