import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { inBandInit, inBandMedia } from '../../../server/hls/in-band.ts';
import type { Init, Segment } from '../../../server/hls/segment.ts';
import { segments } from '../../../server/hls/segmenter.ts';
import { Mp4Fragments } from '../../../server/packets/mp4-fragments.ts';
import { splitAnnexB } from '../../support/annex-b.ts';
import { frameChecksums } from '../../support/clip.ts';
import { temporaryFolder } from '../../support/h264-clip.ts';
import { fragmentsOf } from '../../support/hls-fragments.ts';
import { clipUnits, readItems } from '../../support/hls-units.ts';

const CLIP = { width: 128, height: 96, frames: 100, keyInterval: 50 } as const;

async function cut(units: readonly AccessUnit[]): Promise<{ init: Init; whole: readonly Segment[] }> {
  const inits: Init[] = [];
  const whole: Segment[] = [];
  for await (const item of segments(readItems(units))) {
    if (item.kind === 'init') inits.push(item.init);
    if (item.kind === 'segment') whole.push(item.segment);
  }
  return { init: inits[0]!, whole };
}

const inBand = (init: Init, { bytes }: Segment): Buffer => Buffer.concat([...inBandMedia(init.bytes, bytes)]);

/** The NAL units of every sample, as another reader of MP4 finds them. */
function nalsIn(init: Uint8Array, media: readonly Uint8Array[]): { format: string; samples: Buffer[][] } {
  const samples: Buffer[][] = [];
  let format = '';
  for (const item of new Mp4Fragments().push(Buffer.concat([init, ...media]))) {
    if (item.kind === 'track') format = item.format;
    else samples.push(nalsOf(Buffer.from(item.data)));
  }
  return { format, samples };
}

function nalsOf(sample: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  for (let at = 0; at < sample.length; at += 4 + sample.readUInt32BE(at))
    nals.push(sample.subarray(at + 4, at + 4 + sample.readUInt32BE(at)));
  return nals;
}

const annexB = (units: readonly AccessUnit[]): Buffer => Buffer.concat(units.map(({ data }) => data));

describe.each([
  ['H.264', 'avc3', { codec: 'h264', ...CLIP } as const],
  ['H.265', 'hev1', { codec: 'h265', ...CLIP } as const],
])('segments of %s with their parameter sets in band', (_, entry, clip) => {
  it('have them in each key picture, and every other NAL unit as the camera sent it', async () => {
    const units = await clipUnits(clip);
    const { init, whole } = await cut(units);
    const { format, samples } = nalsIn(
      inBandInit(init.bytes),
      whole.map((one) => inBand(init, one)),
    );
    expect(format).toBe(entry);
    expect(samples).toEqual(units.map(({ data }) => splitAnnexB(data).map((nal) => Buffer.from(nal))));
  });

  it('keep times, clocks and the order of fragments', async () => {
    const { init, whole } = await cut(await clipUnits(clip));
    for (const one of whole) expect(fragmentsOf(inBand(init, one))).toEqual(fragmentsOf(one.bytes));
  });

  it('play in ffmpeg, every picture', async () => {
    const units = await clipUnits(clip);
    const { init, whole } = await cut(units);
    await using folder = await temporaryFolder();
    const [made, sent] = ['made.mp4', 'sent'].map((name) => join(folder.path, name)) as [string, string];
    await writeFile(made, Buffer.concat([inBandInit(init.bytes), ...whole.map((one) => inBand(init, one))]));
    await writeFile(sent, annexB(units));
    const pictures = await frameChecksums(['-i', made]);
    expect(pictures).toHaveLength(clip.frames);
    expect(pictures).toEqual(await frameChecksums(['-i', sent]));
  });
});

describe('parameter sets in band', () => {
  it('come behind the delimiter of the picture that they belong to', async () => {
    const delimiter = Buffer.of(0, 0, 0, 1, 9, 0x10);
    const units = (await clipUnits({ codec: 'h264', ...CLIP, frames: 2 })).map((unit) => ({
      ...unit,
      data: Buffer.concat([delimiter, unit.data]),
    }));
    const { init, whole } = await cut(units);
    const { samples } = nalsIn(init.bytes, [inBand(init, whole[0]!)]);
    expect(samples[0]!.map((nal) => nal[0]! & 31).slice(0, 3)).toEqual([9, 7, 8]);
    expect(samples[1]!.map((nal) => nal[0]! & 31)).not.toContain(7);
  });

  it('are refused for what is no segment of ours', async () => {
    const { init, whole } = await cut(await clipUnits({ codec: 'h264', ...CLIP, frames: 2 }));
    const { bytes } = whole[0]!;
    const wrong = { code: 'packets/malformed' };
    const made = (one: Uint8Array, other: Uint8Array) => () => [...inBandMedia(one, other)];
    expect(made(init.bytes, bytes.subarray(0, 60))).toThrow(expect.objectContaining(wrong));
    expect(made(bytes, bytes)).toThrow(expect.objectContaining(wrong));
    expect(() => inBandInit(bytes)).toThrow(expect.objectContaining(wrong));
  });
});
