/** Where a page finds what it needs on its server. */

export interface ServerAddresses {
  /** `ws:` or `wss:`. */
  readonly socket: string;
  /** Folders, each with a trailing slash. */
  readonly models: string;
  readonly runtime: string;
}

/** Where a camera's HLS and the record of its past are. @param server the server's base address, with a trailing slash */
export const hlsAddresses = (server: URL, camera: string) => ({
  live: new URL(`hls/${encodeURIComponent(camera)}/index.m3u8`, server),
  past: new URL(`hls/${encodeURIComponent(camera)}/past.m3u8`, server),
  timeline: new URL(`api/cameras/${encodeURIComponent(camera)}/timeline`, server),
});

/** @param server the server's base address, with a trailing slash */
export function serverAddresses(server: URL): ServerAddresses {
  const socket = new URL('api/socket', server);
  socket.protocol = server.protocol === 'https:' ? 'wss:' : 'ws:';
  return {
    socket: socket.href,
    models: new URL('models/', server).href,
    runtime: new URL('runtime/', server).href,
  };
}

/** Where ffmpeg.wasm and the font it writes with are. @param server the server's base address, with a trailing slash */
export const ffmpegAddresses = (server: URL) => ({
  core: new URL('ffmpeg/ffmpeg-core.js', server).href,
  wasm: new URL('ffmpeg/ffmpeg-core.wasm', server).href,
  font: new URL('fonts/DejaVuSansMono.ttf', server).href,
});
