/** What every answer over HTTP tells the browser to allow. */
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export const noCapture: RequestHandler = (_request, response, next) => {
  response.set('Permissions-Policy', 'camera=(), display-capture=(), microphone=()');
  next();
};

/** Cross-origin isolation gives WASM its threads; the policy admits our own files and the socket alone. */
export function securityHeaders(secure: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'", "'wasm-unsafe-eval'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'worker-src': ["'self'", 'blob:'],
        'connect-src': ["'self'", 'ws:', 'wss:'],
        'img-src': ["'self'", 'data:', 'blob:'],
        // hls.js gives its <video> what it loaded by a blob's address.
        'media-src': ["'self'", 'blob:'],
        'frame-ancestors': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
      },
    },
    crossOriginEmbedderPolicy: { policy: 'require-corp' },
    strictTransportSecurity: secure,
  });
}
