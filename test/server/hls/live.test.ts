import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import { readPlaylist } from '../../support/hls-playlist.ts';
import { type HlsServer, serveHls } from '../../support/hls-server.ts';
import { clipUnits, later } from '../../support/hls-units.ts';
import { HlsValidator } from '../../support/hls-validator.ts';

const CLIP = { codec: 'h264', width: 128, height: 96, frames: 100, keyInterval: 50 } as const;
const CLIP_MICROS = 4_000_000;

/** A clip played so many times, one after another. */
const played = (units: readonly AccessUnit[], times: number, from = 0): AccessUnit[] =>
  Array.from({ length: times }, (_, round) => later(units, from + round * CLIP_MICROS)).flat();

const inPieces = (units: readonly AccessUnit[], size: number): AccessUnit[][] =>
  Array.from({ length: Math.ceil(units.length / size) }, (_, at) => units.slice(at * size, (at + 1) * size));

describe('a camera live over HLS', () => {
  let server: HlsServer;
  let units: AccessUnit[];

  beforeEach(async () => {
    server = await serveHls();
    units = await clipUnits(CLIP);
  });

  afterEach(() => server[Symbol.asyncDispose]());

  const textOf = async (path: string): Promise<string> => (await server.ask(path)).text();

  /** Has somebody ask, waits until the camera is read, and sends units; returns the first playlist. */
  async function begin(first: readonly AccessUnit[]) {
    const answer = textOf('main.m3u8');
    await expect.poll(() => server.stream.readers).toBe(1);
    server.publish(first);
    return readPlaylist(await answer);
  }

  /** The number of the segment that comes next, whole or begun. */
  const nextOf = ({ hint }: { hint: string | undefined }): { number: number; part: number } => {
    const [, number, part] = /^main\/(\d+)\.(\d+)\.m4s$/.exec(hint ?? '') ?? [];
    return { number: Number(number), part: Number(part) };
  };

  it.each([
    ['H.264', CLIP],
    ['H.264 with B pictures', { ...CLIP, bFrames: 2 }],
    ['H.265', { ...CLIP, codec: 'h265', bFrames: 2 } as const],
  ])('keeps to RFC 8216bis while %s plays, goes away and comes back in another size', async (_, clip) => {
    const small = await clipUnits(clip);
    const large = await clipUnits({ ...clip, width: 160 });
    const validator = new HlsValidator(server.get);
    await begin(small.slice(0, 60));
    const see = async (pieces: readonly AccessUnit[]) => {
      for (const piece of inPieces(pieces, 13)) {
        server.publish(piece);
        await validator.see(await textOf('main.m3u8'));
      }
    };
    await see([...small.slice(60), ...played(small, 4, CLIP_MICROS)]);
    server.lose();
    await validator.see(await textOf('main.m3u8'));
    await see(played(large, 6));
    const last = await validator.see(await textOf('main.m3u8'));
    validator.seeDelta(await textOf('main.m3u8?_HLS_skip=YES'), last);
    expect(validator.faults).toEqual([]);
    expect(last.segments.length).toBeGreaterThan(12);
    expect(Number(last.tags.get('MEDIA-SEQUENCE'))).toBeGreaterThan(last.segments.at(-1)!.number - 20);
  });

  it('lists what was lost of a camera as a discontinuity, and never an end while it is away', async () => {
    const first = await begin(units.slice(0, 70));
    server.lose();
    await expect
      .poll(async () => readPlaylist(await textOf('main.m3u8')).segments.at(-1)?.whole?.duration)
      .toBe(0.8);
    const away = await textOf('main.m3u8');
    expect(away).not.toContain('ENDLIST');
    server.publish(units.slice(0, 70));
    const back = readPlaylist(await textOf(`main.m3u8?_HLS_msn=${nextOf(readPlaylist(away)).number}`));
    expect(back.segments.map(({ discontinuity }) => discontinuity)).toEqual(
      [true, false, true, false].slice(0, back.segments.length),
    );
    expect(back.segments[2]!.discontinuities).toBe(first.segments[0]!.discontinuities + 1);
  });

  it('holds a playlist until the segment or the part that is asked for is in it', async () => {
    const { number, part } = nextOf(await begin(units.slice(0, 55)));
    expect(part).toBe(0);
    let answered = 0;
    const held = [`${number}&_HLS_part=0`, `${number}`, `${number + 1}&_HLS_part=0`].map(
      async (directives) => {
        const text = await textOf(`main.m3u8?_HLS_msn=${directives}`);
        answered += 1;
        return nextOf(readPlaylist(text));
      },
    );
    await textOf('main.m3u8');
    expect(answered).toBe(0);
    server.publish(units.slice(55, 60));
    expect(await held[0]).toEqual({ number, part: 1 });
    await textOf('main.m3u8');
    expect(answered).toBe(1);
    server.publish([...units.slice(60), ...later(units.slice(0, 5), CLIP_MICROS)]);
    expect((await held[1])!.number).toBe(number + 1);
    server.publish(later(units.slice(5, 10), CLIP_MICROS));
    expect(await held[2]).toEqual({ number: number + 1, part: 1 });
  });

  it('gives the first part of the next segment to who asks for one that a segment never had', async () => {
    const { number } = nextOf(await begin(units.slice(0, 60)));
    const held = textOf(`main.m3u8?_HLS_msn=${number}&_HLS_part=10`);
    server.publish([...units.slice(60), ...later(units.slice(0, 10), CLIP_MICROS)]);
    expect(nextOf(readPlaylist(await held))).toEqual({ number: number + 1, part: 1 });
  });

  it('holds the part that a playlist hints at, and has none where it never comes', async () => {
    const { number } = nextOf(await begin(units.slice(0, 55)));
    const hinted = server.ask(`main/${number}.0.m4s`);
    server.publish(units.slice(55, 60));
    expect((await hinted).status).toBe(200);
    const never = server.ask(`main/${number}.1.m4s`);
    await expect.poll(() => server.stream.readers).toBe(1);
    server.lose();
    expect((await never).status).toBe(200);
    const beyond = server.ask(`main/${number}.2.m4s`);
    server.publish(units.slice(0, 20));
    expect((await beyond).status).toBe(404);
  });

  it.each(['_HLS_msn=99999999999', '_HLS_part=1', '_HLS_msn=-1', '_HLS_msn=x'])(
    'refuses ?%s',
    async (query) => {
      await begin(units.slice(0, 60));
      const response = await server.ask(`main.m3u8?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'http/bad-request' });
    },
  );

  it('takes one segment more than the next, and no further', async () => {
    const { number } = nextOf(await begin(units.slice(0, 60)));
    expect((await server.ask(`main.m3u8?_HLS_msn=${number + 2}`)).status).toBe(400);
    expect((await server.ask(`main.m3u8?_HLS_msn=${number}&_HLS_part=99`)).status).toBe(400);
    const held = server.ask(`main.m3u8?_HLS_msn=${number + 1}&_HLS_part=0`);
    server.publish([...units.slice(60), ...later(units.slice(0, 10), CLIP_MICROS)]);
    expect((await held).status).toBe(200);
  });

  it('says what the camera does when it gives no picture in time, and when to ask again', async () => {
    const response = await server.ask('main.m3u8');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toMatchObject({
      code: 'hls/not-ready',
      message: 'nothing new came in 10 s: the camera is being connected to',
    });
  });

  it('says of a codec that it does not carry, and plays the camera once it sends another', async () => {
    const asked = server.ask('main.m3u8');
    await expect.poll(() => server.stream.readers).toBe(1);
    const vp8 = { codec: 'vp8', codedWidth: 128, codedHeight: 96, format: 'none' } as const;
    server.publish([{ ...units[0]!, key: true, config: vp8 }]);
    expect((await asked).status).toBe(415);
    await expect.poll(() => server.stream.readers).toBe(0);
    server.lose();
    expect((await begin(units)).segments).not.toEqual([]);
  });

  it('begins at once with what is remembered of a camera that others watch', async () => {
    using _other = server.stream.read({ want: 'live' });
    server.publish(units.slice(50));
    const answer = textOf('main.m3u8');
    await expect.poll(() => server.stream.readers).toBe(2);
    server.publish(later(units.slice(51, 53), CLIP_MICROS / 2 - 40_000));
    expect(readPlaylist(await answer).segments[0]!.whole!.duration).toBe(2);
  });
});
