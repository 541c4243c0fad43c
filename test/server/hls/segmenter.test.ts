import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BufferSource, EncodedPacketSink, Input, MP4 } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { micros } from '#wire/time.ts';
import type { Init, Part, Segment, SegmentItem, SegmentStart } from '../../../server/hls/segment.ts';
import { segments } from '../../../server/hls/segmenter.ts';
import { splitAnnexB } from '../../support/annex-b.ts';
import { ffmpeg } from '../../support/clip.ts';
import { decodedFrames, temporaryFolder } from '../../support/h264-clip.ts';
import { CAPTURED, clipUnits, type Happening, later, readItems } from '../../support/hls-units.ts';

const H264 = { codec: 'h264', width: 128, height: 96, frames: 150, keyInterval: 50 } as const;
const H265 = { codec: 'h265', width: 128, height: 96, frames: 100, keyInterval: 50 } as const;

interface Cut {
  readonly inits: Init[];
  readonly parts: { readonly part: Part; readonly start: SegmentStart; readonly target: number }[];
  readonly segments: Segment[];
}

async function cut(happenings: readonly Happening[]): Promise<Cut> {
  const cut: Cut = { inits: [], parts: [], segments: [] };
  for await (const item of segments(readItems(happenings))) take(cut, item);
  return cut;
}

function take({ inits, parts, segments: whole }: Cut, item: SegmentItem): void {
  if (item.kind === 'init') inits.push(item.init);
  if (item.kind === 'part') parts.push(item);
  if (item.kind === 'segment') whole.push(item.segment);
}

const asFile = ({ inits: [init], segments: whole }: Cut): Buffer =>
  Buffer.concat([init!.bytes, ...whole.map(({ bytes }) => bytes)]);

/** The presentation time (µs) and checksum of every frame that ffmpeg makes of a file, and all it complains of. */
async function judged(bytes: Uint8Array): Promise<{ times: number[]; checksums: string[] }> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'clip.mp4');
  await writeFile(file, bytes);
  const strictly = ['-loglevel', 'warning', '-xerror', '-err_detect', 'explode', '-copyts', '-i', file];
  const output = await ffmpeg([
    ...strictly,
    '-fps_mode',
    'passthrough',
    '-enc_time_base',
    '-1',
    '-f',
    'framemd5',
    '-',
  ]);
  const lines = output
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('0,'));
  const fields = lines.map((line) => line.split(',').map((field) => field.trim()));
  return { times: fields.map((field) => Number(field[2])), checksums: fields.map((field) => field[5]!) };
}

const annexB = (units: readonly AccessUnit[]): Buffer => Buffer.concat(units.map(({ data }) => data));
/** ffmpeg 5.1 shows every picture later by the lowest composition offset; the other reader of MP4 does not. */
const sinceFirst = (times: readonly number[]): number[] => times.map((time) => time - times[0]!);
const shownTimes = (units: readonly AccessUnit[]): number[] =>
  units.map(({ timestamp }) => timestamp).sort((a, b) => a - b);

describe.each([
  ['H.264', H264],
  ['H.264 with B pictures', { ...H264, bFrames: 3 }],
  ['H.265', H265],
  ['H.265 with B pictures', { ...H265, bFrames: 3 }],
  ['H.265 with pictures that lead their key picture', { ...H265, bFrames: 3, openGop: true }],
])('segments of %s', (_, clip) => {
  it('hold every frame of the camera at its own time, bit for bit', async () => {
    const units = await clipUnits(clip, 5_000_000);
    const judgement = await judged(asFile(await cut(units)));
    expect(sinceFirst(judgement.times)).toEqual(sinceFirst(shownTimes(units)));
    const format = clip.codec === 'h264' ? 'h264' : 'hevc';
    expect(judgement.checksums).toEqual(await decodedFrames(annexB(units), 'strict', format));
  });

  it('are read by another reader of MP4 as one track of all units', async () => {
    const units = await clipUnits(clip, 5_000_000);
    using input = new Input({ formats: [MP4], source: new BufferSource(asFile(await cut(units))) });
    const track = await input.getPrimaryVideoTrack();
    expect(await track?.getCodec()).toBe(clip.codec === 'h264' ? 'avc' : 'hevc');
    const packets = [];
    for await (const packet of new EncodedPacketSink(track!).packets()) packets.push(packet);
    expect(packets.map(({ timestamp }) => Math.round(timestamp * 1e6))).toEqual(
      units.map(({ timestamp }) => timestamp),
    );
    expect(packets.filter(({ type }) => type === 'key')).toHaveLength(units.filter(({ key }) => key).length);
  });

  it('carry the NAL units as they came, and parameter sets in the init segment alone', async () => {
    const units = await clipUnits(clip);
    const media = (await cut(units)).segments.map(({ bytes }) => Buffer.from(bytes));
    expect(
      Buffer.from((await cut(units)).inits[0]!.bytes).includes(clip.codec === 'h264' ? 'avc1' : 'hvc1'),
    ).toBe(true);
    const isSet = (nal: Uint8Array) =>
      clip.codec === 'h264' ? [7, 8].includes(nal[0]! & 31) : [32, 33, 34].includes(nal[0]! >> 1);
    const nals = splitAnnexB(annexB(units));
    const all = Buffer.concat(media);
    for (const nal of nals) expect(all.includes(Buffer.from(nal))).toBe(!isSet(nal));
  });

  it('begin at key units two seconds apart and last from one to the next', async () => {
    const units = await clipUnits(clip);
    const { segments: whole, parts } = await cut(units);
    expect(whole.map(({ independent }) => independent)).toEqual(whole.map(() => true));
    expect(whole).toHaveLength(clip.frames / 50);
    expect(whole.map(({ duration }) => duration).reduce((a, b) => micros(a + b))).toBe(clip.frames * 40_000);
    expect(whole.map(({ capturedAt }) => capturedAt - CAPTURED)).toEqual(
      whole.map((_, at) => whole.slice(0, at).reduce((sum, { duration }) => sum + duration, 0)),
    );
    expect(whole.reduce((sum, { units: count }) => sum + count, 0)).toBe(clip.frames);
    expect(
      Buffer.concat(parts.map(({ part }) => part.bytes)).equals(
        Buffer.concat(whole.map(({ bytes }) => bytes)),
      ),
    ).toBe(true);
  });
});

describe('segments', () => {
  it('come in parts of a quarter of a second, and none but the last of a segment is shorter', async () => {
    const { parts } = await cut(await clipUnits(H264));
    const [{ target } = { target: 0 }] = parts;
    expect(target).toBe(264_000);
    for (const { part, start } of parts) {
      expect(part.duration).toBeLessThanOrEqual(target);
      const last = parts.findLast((other) => other.start === start)?.part === part;
      if (!last) expect(part.duration).toBeGreaterThanOrEqual(0.85 * target);
    }
    const firsts = parts.filter(({ start }, at) => start !== parts[at - 1]?.start);
    expect(parts.filter(({ part }) => part.independent)).toEqual(firsts);
  });

  it('are cut where a GOP grows longer than one may, and begin again with the next key unit', async () => {
    const units = await clipUnits({ ...H264, frames: 200, keyInterval: 125 });
    const { segments: whole } = await cut(units);
    expect(whole.map(({ independent, duration }) => [independent, duration / 1000])).toEqual([
      [true, 4400],
      [false, 600],
      [true, 3000],
    ]);
  });

  it('stay whole over key units that come faster than every two seconds', async () => {
    const { segments: whole, parts } = await cut(await clipUnits({ ...H264, keyInterval: 20 }));
    expect(whole.map(({ duration }) => duration / 1000)).toEqual([2400, 2400, 1200]);
    expect(parts.filter(({ part }) => part.independent)).toHaveLength(8);
  });

  it('end and begin anew, as a discontinuity, where units were lost', async () => {
    const units = await clipUnits(H264);
    const { segments: whole } = await cut([...units.slice(0, 60), 'lost', ...units.slice(100)]);
    expect(whole.map(({ discontinuity, units: count }) => [discontinuity, count])).toEqual([
      [true, 50],
      [false, 10],
      [true, 50],
    ]);
    expect(whole.map(({ duration }) => duration)).toEqual([2_000_000, 400_000, 2_000_000]);
  });

  it('end when the camera goes away, and begin anew in its next epoch', async () => {
    const units = await clipUnits(H264);
    const seen: string[] = [];
    for await (const item of segments(readItems([...units.slice(0, 70), 'away', ...units.slice(0, 20)])))
      if (item.kind !== 'part')
        seen.push(
          item.kind === 'init' ? 'init' : `${item.segment.units}${item.segment.discontinuity ? ' anew' : ''}`,
        );
    expect(seen).toEqual(['init', '50 anew', '20', 'init', '20 anew']);
  });

  it('name another init segment when the parameter sets change, by what is in it', async () => {
    const [first, other] = [await clipUnits(H264), await clipUnits({ ...H264, width: 160 }, 6_000_000)];
    const { inits, segments: whole } = await cut([...first, ...other, ...later(first, 12_000_000)]);
    expect(inits.map(({ config }) => config.codedWidth)).toEqual([128, 160, 128]);
    expect(inits[0]!.id).toMatch(/^[0-9a-f]{16}$/);
    expect(inits[2]!.id).toBe(inits[0]!.id);
    expect(inits[1]!.id).not.toBe(inits[0]!.id);
    expect(whole.map(({ init }) => init.config.codedWidth)).toEqual([
      128, 128, 128, 160, 160, 160, 128, 128, 128,
    ]);
    expect(whole.filter(({ discontinuity }) => discontinuity)).toHaveLength(3);
  });

  it('begin anew where the clock of the camera jumps', async () => {
    const units = await clipUnits({ ...H264, frames: 50 });
    const { segments: whole } = await cut([
      ...units,
      ...later(units, 60_000_000),
      ...later(units, 2_000_000),
    ]);
    expect(whole.map(({ discontinuity, duration }) => [discontinuity, duration])).toEqual([
      [true, 2_000_000],
      [true, 2_000_000],
      [true, 2_000_000],
    ]);
  });

  it('hold no more than a limit where the timestamps hardly move', async () => {
    const units = (await clipUnits({ ...H264, frames: 3 })).map((unit, at) => ({
      ...unit,
      timestamp: micros(at),
    }));
    const crowd = [
      units[0]!,
      ...Array.from({ length: 4_500 }, (_, at) => ({ ...units[1]!, timestamp: micros(at + 1) })),
    ];
    const { segments: whole } = await cut(crowd);
    expect(whole.map(({ units: count }) => count)).toEqual([2_000, 2_000, 501]);
  });

  it('take timestamps that begin below zero', async () => {
    const { segments: whole, inits } = await cut(await clipUnits(H264, -1_000_000));
    const { times } = await judged(Buffer.concat([inits[0]!.bytes, ...whole.map(({ bytes }) => bytes)]));
    expect(times[0]).toBe(0);
    expect(times).toHaveLength(150);
  });

  it('are refused for a codec that HLS does not carry here', async () => {
    const [unit] = await clipUnits({ ...H264, frames: 1 });
    const vp8 = {
      ...unit!,
      config: { codec: 'vp8', codedWidth: 128, codedHeight: 96, format: 'none' },
    } as AccessUnit;
    await expect(cut([vp8])).rejects.toMatchObject({ code: 'hls/unsupported-codec' });
  });
});
