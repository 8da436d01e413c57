// The one way our front ends talk to the server: `paths` is generated from openapi.json (`make openapi`),
// and each app brings its own fetch (the browser's, or a wrapper of Taro.request).
import createFetchClient, { type ClientOptions } from 'openapi-fetch';

/** A client typed by an OpenAPI `paths` interface. The server is same-origin unless `baseUrl` says otherwise. */
export function createClient<Paths extends object>(options: ClientOptions = {}) {
  return createFetchClient<Paths>({ baseUrl: '', ...options });
}

export type { ClientOptions, Middleware } from 'openapi-fetch';
export type { components, paths } from './generated';
