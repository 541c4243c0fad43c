import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { NightglassError } from '#wire/nightglass-error.ts';
import { Mp4Fragments, type Mp4Item } from '../../../server/packets/mp4-fragments.ts';
import { ffmpeg } from '../../support/clip.ts';
import { box } from '../../support/mp4-box.ts';

const FRAMES = 12;
let file: Uint8Array;

const FRAGMENTED = [
  '-movflags',
  'empty_moov+default_base_moof+frag_every_frame+delay_moov',
  '-f',
  'mp4',
  'pipe:1',
];
const clip = (...codec: string[]): Promise<Buffer> =>
  ffmpeg([
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=96x64:rate=25`,
    '-frames:v',
    `${FRAMES}`,
    ...codec,
    ...FRAGMENTED,
  ]);

beforeAll(async () => {
  file = new Uint8Array(await clip('-c:v', 'libx264', '-bf', '2', '-x264-params', 'b-adapt=0'));
});

function read(pieces: readonly Uint8Array[]): Mp4Item[] {
  const fragments = new Mp4Fragments();
  return pieces.flatMap((piece) => [...fragments.push(piece)]);
}

/** A track of 25 ticks a second, then one fragment with this run and these bytes. */
function movie({
  mdhd = box('mdhd', 0, 0, 0, 25, 0),
  trun = box('trun', 0, 0),
  media = Buffer.alloc(0),
}): Buffer {
  const stsd = box('stsd', 0, 1, box('avc1', new Uint8Array(78), box('avcC', 0x01640028)));
  const mdia = box('mdia', mdhd, box('minf', box('stbl', stsd)));
  const moov = box('moov', box('trak', mdia), box('mvex', box('trex', 0, 1, 1, 1, 4, 0)));
  const moof = box('moof', box('traf', box('tfhd', 0, 1), box('tfdt', 0, 50), trun));
  return Buffer.concat([moov, moof, box('mdat', media)]);
}

describe('a fragmented MP4', () => {
  it('takes durations and sizes from the defaults, and a composition offset as signed', () => {
    // From the start of the moof: its 76 bytes, the header of the mdat, and four bytes that are no sample.
    const trun = box('trun', 0x01000801, 2, 76 + 8 + 4, 1, -1);
    const media = Uint8Array.from([9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8]);
    const samples = read([movie({ trun, media: Buffer.from(media) })]).slice(1);
    expect(samples).toEqual([
      { kind: 'sample', seconds: 51 / 25, data: Buffer.from([1, 2, 3, 4]) },
      { kind: 'sample', seconds: 50 / 25, data: Buffer.from([5, 6, 7, 8]) },
    ]);
  });

  it.each([
    ['a sample before its fragment', movie({ trun: box('trun', 1, 1, 4), media: Buffer.alloc(8) })],
    ['a sample behind its fragment', movie({ trun: box('trun', 1, 1, 4000), media: Buffer.alloc(8) })],
    ['a billion samples in a few bytes', movie({ trun: box('trun', 0, 1e9) })],
    ['a media header that ends early', movie({ mdhd: box('mdhd', 0, 0) })],
    ['a time scale of none', movie({ mdhd: box('mdhd', 0, 0, 0, 0, 0) })],
  ])('is refused with %s', (_what, bytes) => {
    expect(() => read([bytes])).toThrow(expect.objectContaining({ code: 'packets/malformed' }));
  });

  it('gives its track with the avcC record, then every sample with its presentation time', () => {
    const [track, ...samples] = read([file]);
    expect(track).toMatchObject({ kind: 'track', format: 'avc1' });
    expect(track?.kind === 'track' && track.record[0]).toBe(1);
    const times = samples.map((sample) => (sample.kind === 'sample' ? sample.seconds : Number.NaN));
    expect(times).not.toEqual([...times].sort((a, b) => a - b));
    const sorted = [...times].sort((a, b) => a - b).map((time) => time - Math.min(...times));
    expect(sorted.length).toBe(FRAMES);
    for (const [index, time] of sorted.entries()) expect(time).toBeCloseTo(index / 25, 6);
  });

  it('gives the same whatever pieces it comes in', () => {
    const whole = read([file]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: file.length - 1 }), { maxLength: 40 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), file.length];
        const pieces = at.slice(1).map((end, index) => file.subarray(at[index], end));
        expect(read(pieces)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('names a format it has no record of', async () => {
    const [track] = read([await clip('-c:v', 'mjpeg')]);
    expect(track).toMatchObject({ kind: 'track', format: 'mp4v', record: new Uint8Array(0) });
  });

  it.each([
    ['a box of four bytes', [0, 0, 0, 4, 0x6d, 0x6f, 0x6f, 0x76]],
    ['a box of two gigabytes', [0x80, 0, 0, 0, 0x6d, 0x64, 0x61, 0x74]],
    ['a movie without a track', [0, 0, 0, 8, 0x6d, 0x6f, 0x6f, 0x76]],
  ])('is refused with %s', (_what, bytes) => {
    expect(() => read([Uint8Array.from(bytes)])).toThrow(
      expect.objectContaining({ code: 'packets/malformed' }),
    );
  });

  it('fails with packets/malformed alone, and holds no more than came, whatever its bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 6,
        }),
        (changes) => {
          const broken = Uint8Array.from(file);
          for (const [at, value] of changes) broken[at] = value;
          try {
            const samples = read([broken]).filter(({ kind }) => kind === 'sample');
            const bytes = samples.reduce(
              (sum, item) => sum + (item.kind === 'sample' ? item.data.length : 0),
              0,
            );
            expect(bytes).toBeLessThanOrEqual(file.length * FRAMES);
          } catch (error) {
            if (!(error instanceof NightglassError)) throw error;
            expect(error.code).toBe('packets/malformed');
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
