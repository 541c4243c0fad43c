/** Clips as a page records them, with evidence that fits, of made-up bytes. */
import { createHash } from 'node:crypto';
import { clipId } from '#wire/clip-name.ts';
import { type EvidenceFacts, type EvidenceFile, type Shown, sealed, spanOf } from '#wire/evidence.ts';
import { wallMicros } from '#wire/time.ts';

export interface MadeClip {
  readonly id: string;
  /** By name, in the order they are to be sent; the evidence is the last. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly evidence: string;
}

export interface Wanted {
  readonly camera?: string;
  /** Seconds after a moment in May 2026. */
  readonly at?: number;
  readonly bytes?: number;
  readonly shows?: readonly Shown[];
  readonly poster?: Buffer;
  /** Changes what the evidence says before it is sealed. */
  readonly facts?: (facts: EvidenceFacts) => EvidenceFacts;
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

const START = 1_780_036_800_000_000;

export function madeClip(wanted: Wanted = {}): MadeClip {
  const { camera = 'quay', at = 0, bytes = 1000, shows = ['enhanced'], poster } = wanted;
  const from = wallMicros(START + at * 1e6);
  const id = clipId(camera, from, '3f9a');
  const media = shows.map((one) => {
    const data = Buffer.alloc(bytes, `${id} ${one}`);
    const name = `${id}-${one}.mp4`;
    return { data, name, file: fileOf(name, one, data) };
  });
  const files = media.map(({ file }) => ({ ...file, from, to: wallMicros(from + 4e6) }));
  const given: EvidenceFacts = {
    kind: 'nightglass.evidence',
    version: 1,
    medium: 'clip',
    nightglass: '0.1.0',
    camera: { name: camera, title: `The ${camera}` },
    part: 1,
    ...spanOf(files),
    captureClock: 'arrival',
    enhancement: [],
    end: 'stopped',
    cutOff: false,
    files,
  };
  const facts = wanted.facts?.(given) ?? given;
  const json = Buffer.from(JSON.stringify(sealed(facts, sha256)));
  const evidence = `${id}.json`;
  return {
    id,
    evidence,
    files: new Map([
      ...media.map(({ name, data }) => [name, data] as const),
      ...(poster ? [['poster.jpg', poster] as const] : []),
      [evidence, json] as const,
    ]),
  };
}

const fileOf = (name: string, shows: Shown, data: Buffer): Omit<EvidenceFile, 'from' | 'to'> => ({
  name,
  shows,
  bytes: data.length,
  sha256: sha256(data),
  codec: 'avc1.640028',
  width: 960,
  height: 540,
  pictures: { source: 100, kept: 97, enhanced: 90, lost: { server: 0, late: 2, encoder: 1 } },
});
