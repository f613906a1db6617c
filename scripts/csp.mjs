// @ts-check

/**
 * The strictest policy the lab has to live with. A meta tag governs only the page, a header also what the worker does,
 * so builds carry the one and the end-to-end tests send the other.
 */
const DIRECTIVES = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "worker-src 'self'",
  "connect-src 'self'",
  "font-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
]

export const META_CSP = DIRECTIVES.join('; ')

/** Browsers ignore frame-ancestors in a meta tag, and complain about it. */
export const HEADER_CSP = [...DIRECTIVES, "frame-ancestors 'none'"].join('; ')
