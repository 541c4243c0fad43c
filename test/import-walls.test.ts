import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Which folders and packages each step may import, besides itself. Node's own modules are named `node:`. */
const WALLS: Readonly<Record<string, readonly string[]>> = {
  'server/wire': [],
  'server/packets': ['server/wire'],
  'server/ingest': ['server/packets', 'server/wire', 'node:', 'sdp-transform', 'mediabunny', 'werift'],
  'server/fanout': ['server/wire'],
  'server/hls': ['server/fanout', 'server/packets', 'server/wire', 'node:'],
  'server/clips': ['server/wire', 'node:'],
  'server/socket': ['server/fanout', 'server/wire', 'node:', 'ws'],
  shaders: [],
  'client/socket': ['server/wire'],
  'client/decode': ['server/wire'],
  // The polyfill is for its worker, which is an entry of its own.
  'client/enhance': ['shaders', 'onnxruntime-web', 'client/dispose-symbols.ts'],
  'client/present': ['shaders'],
  'client/hls': ['server/wire', 'hls.js'],
  // The polyfill is for its worker, which is an entry of its own.
  'client/export': ['server/wire', 'mediabunny'],
  'client/record': ['server/wire', 'mediabunny', '@noble/hashes', 'client/dispose-symbols.ts'],
  'client/convert': ['server/wire', '@ffmpeg/ffmpeg'],
  'client/file': ['server/wire', 'mediabunny'],
  'client/ui': ['lit'],
};

/** Types are not parts: the page's elements may name the shapes of the messages they show. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  'client/socket': ['client/player-protocol.ts'],
  'client/enhance': ['client/player-protocol.ts', 'server/wire'],
  'client/present': ['client/player-protocol.ts'],
  'client/hls': ['client/playback-state.ts'],
  'client/ui': ['client/player-protocol.ts', 'client/playback-state.ts', 'server/wire'],
};

const IMPORT = /^\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(IMPORT)].map(
    ([, , typeOnly, specifier = '']) => ({
      file,
      target: resolve(file, specifier),
      typeOnly: typeOnly !== undefined,
    }),
  );
}

function resolve(file: string, specifier: string): string {
  if (specifier.startsWith('#wire/')) return specifier.replace('#wire', 'server/wire');
  if (specifier.startsWith('.'))
    return normalize(join(dirname(file), specifier))
      .split(sep)
      .join('/');
  return specifier;
}

const within = (target: string, place: string): boolean =>
  target === place || target.startsWith(place.endsWith(':') ? place : `${place}/`);

describe('the walls between the steps of the corridor', () => {
  for (const [folder, allowed] of Object.entries(WALLS)) {
    it(`lets ${folder} import ${allowed.length === 0 ? 'nothing' : allowed.join(', ')}`, () => {
      const files = sources(folder);
      expect(files.length).toBeGreaterThan(0);
      const offences = files.flatMap(importsOf).filter(({ target, typeOnly }) => {
        const places = [folder, ...allowed, ...(typeOnly ? (TYPES_ONLY[folder] ?? []) : [])];
        return !places.some((place) => within(target, place));
      });
      expect(offences).toEqual([]);
    });
  }

  it('lets only main.ts and verify.ts, which are started by name, touch the process', () => {
    const started = ['server/main.ts', 'server/verify.ts'];
    const offenders = sources('server')
      .filter((file) => !started.includes(file) && !file.startsWith('server/demo/'))
      .filter((file) => /\bprocess\.(?!hrtime)/.test(readFileSync(join(root, file), 'utf8')));
    expect(offenders).toEqual([]);
  });

  it('lets the browser import one server folder, the wire', () => {
    const offences = sources('client')
      .flatMap(importsOf)
      .filter(({ target }) => target.startsWith('server/') && !target.startsWith('server/wire/'));
    expect(offences).toEqual([]);
  });
});
