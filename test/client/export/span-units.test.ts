import { describe, expect, it } from 'vitest';
import { wallMicros } from '#wire/time.ts';
import { initConfig, type StoredConfig } from '../../../client/export/init-config.ts';
import { segmentUnits } from '../../../client/export/segment-units.ts';
import type { ExportSpan, SpanItem, SpanPiece } from '../../../client/export/span.ts';
import { spanUnits } from '../../../client/export/span-units.ts';
import type { Segment } from '../../../server/hls/segment.ts';
import { segments } from '../../../server/hls/segmenter.ts';
import { unitNals } from '../../../server/hls/unit-nals.ts';
import { CAPTURED, clipUnits, type Happening, later, readItems } from '../../support/hls-units.ts';

const FRAME = 40_000;
const CLIP = { codec: 'h264', width: 64, height: 48, frames: 100, keyInterval: 25 } as const;

/** What the server would give of these units. */
async function piecesOf(happenings: readonly Happening[]): Promise<SpanPiece[]> {
  const pieces: SpanPiece[] = [];
  for await (const item of segments(readItems(happenings))) {
    if (item.kind !== 'segment') continue;
    pieces.push(await pieceOf(item.segment));
  }
  return pieces;
}

async function pieceOf({ init, capturedAt, duration, discontinuity, bytes }: Segment): Promise<SpanPiece> {
  // A playlist counts milliseconds.
  const from = wallMicros(Math.floor(capturedAt / 1000) * 1000);
  const segment = { address: `${capturedAt}`, init: init.id, from, duration, discontinuity };
  return { kind: 'segment', segment, config: await initConfig(init.bytes), bytes };
}

async function itemsOf(pieces: readonly SpanPiece[], span: ExportSpan): Promise<SpanItem[]> {
  const items: SpanItem[] = [];
  for await (const item of spanUnits(all(pieces), span)) items.push(item);
  return items;
}

async function* all<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const at = (picture: number) => wallMicros(CAPTURED + picture * FRAME);
const wantedOf = (items: readonly SpanItem[]): number[] =>
  items
    .flatMap((item) => (item.kind === 'unit' && item.unit.wanted ? [item.unit.capturedAt] : []))
    .map((wall) => Math.round((wall - CAPTURED) / FRAME))
    .sort((a, b) => a - b);
const unitsOf = (items: readonly SpanItem[]) =>
  items.flatMap((item) => (item.kind === 'unit' ? [item.unit] : []));
const gapsOf = (items: readonly SpanItem[]) =>
  items.flatMap((item) => (item.kind === 'gap' ? [item.gap] : []));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the units of a span of the past', () => {
  it('are the pictures from the one mark to the other, both with it, and what they need before', async () => {
    const units = await clipUnits(CLIP);
    const items = await itemsOf(await piecesOf(units), { from: at(30), to: at(61) });
    expect(wantedOf(items)).toEqual(range(30, 61));
    const all = unitsOf(items);
    expect(all[0]).toMatchObject({ key: true, wanted: false, capturedAt: at(25) });
    expect(all).toHaveLength(61 - 25 + 1);
    expect(gapsOf(items)).toEqual([]);
  });

  it('are the camera’s own bits, behind lengths, without parameter sets', async () => {
    const units = await clipUnits(CLIP);
    const items = await itemsOf(await piecesOf(units), { from: at(0), to: at(99) });
    const stored = unitsOf(items).map(({ data }) => Buffer.from(data).toString('hex'));
    const sent = units.map(({ data }) =>
      unitNals('h264', data)
        .rest.map((nal) => nal.length.toString(16).padStart(8, '0') + Buffer.from(nal).toString('hex'))
        .join(''),
    );
    expect(stored).toEqual(sent);
  });

  it('begin exactly at a key unit that is marked itself', async () => {
    const items = await itemsOf(await piecesOf(await clipUnits(CLIP)), { from: at(50), to: at(52) });
    expect(wantedOf(items)).toEqual([50, 51, 52]);
    expect(unitsOf(items)).toHaveLength(3);
  });

  it('begin with the key unit before the mark, also where a key unit is the first picture behind it', async () => {
    // Pictures that lead a key unit, in an open GOP, are decoded from the one before.
    const from = wallMicros(at(49) + FRAME / 2);
    const items = await itemsOf(await piecesOf(await clipUnits(CLIP)), { from, to: at(52) });
    expect(wantedOf(items)).toEqual([50, 51, 52]);
    expect(unitsOf(items)[0]).toMatchObject({ key: true, capturedAt: at(25) });
  });

  it.each([
    ['closed', 30, 61],
    ['closed', 33, 62],
    ['closed', 49, 51],
    ['open', 48, 55],
    ['open', 49, 49],
    ['open', 30, 61],
  ] as const)(
    'are exact where pictures are decoded in another order than they are shown (%s GOPs, %i to %i)',
    async (gop, from, to) => {
      const x264 = `open-gop=${gop === 'open' ? 1 : 0}:b-adapt=0`;
      const units = await clipUnits({ ...CLIP, bFrames: 3, x264 });
      const items = await itemsOf(await piecesOf(units), { from: at(from), to: at(to) });
      expect(wantedOf(items)).toEqual(range(from, to));
      // All that decoding needs: from a key unit on, none left out.
      const given = unitsOf(items);
      expect(given[0]).toMatchObject({ key: true });
      const [first] = given;
      const start = units.findIndex(({ capturedAt }) => Math.abs(capturedAt - first!.capturedAt) < 2);
      expect(given.map(({ capturedAt }) => Math.round((capturedAt - CAPTURED) / FRAME))).toEqual(
        units.slice(start, start + given.length).map(({ timestamp }) => Math.round(timestamp / FRAME)),
      );
    },
  );

  it('belong to another run after the camera was away, and name what is missing', async () => {
    const units = await clipUnits(CLIP);
    const pieces = await piecesOf([...units, 'away', ...later(units, 8_000_000)]);
    const items = await itemsOf(pieces, { from: at(90), to: at(209) });
    expect(wantedOf(items)).toEqual([...range(90, 99), ...range(200, 209)]);
    expect(new Set(unitsOf(items).map(({ epoch }) => epoch)).size).toBe(2);
    expect(gapsOf(items)).toEqual([{ from: at(100), to: at(200), why: 'not-recorded' }]);
  });

  it('leave out a segment that is gone, up to the next key unit, and say so', async () => {
    const pieces = await piecesOf(await clipUnits({ ...CLIP, frames: 200 }));
    const second = pieces[1];
    if (second?.kind !== 'segment') throw new Error('a second segment was expected');
    const gone: SpanPiece = { kind: 'missing', segment: second.segment };
    const items = await itemsOf([pieces[0]!, gone, ...pieces.slice(2)], { from: at(40), to: at(180) });
    const [gap, ...others] = gapsOf(items);
    expect(others).toEqual([]);
    expect(gap).toMatchObject({ from: at(50), to: at(100), why: 'gone' });
    expect(wantedOf(items)).toEqual([...range(40, 49), ...range(100, 180)]);
  });

  it('leave out a segment whose bytes are damaged', async () => {
    const pieces = await piecesOf(await clipUnits({ ...CLIP, frames: 200 }));
    const damaged = pieces.map((piece, index) =>
      index === 1 && piece.kind === 'segment' ? { ...piece, bytes: piece.bytes.subarray(0, 999) } : piece,
    );
    const items = await itemsOf(damaged, { from: at(0), to: at(199) });
    expect(gapsOf(items)).toMatchObject([{ from: at(50), to: at(100), why: 'unreadable' }]);
  });

  it('name what lies before the first picture and behind the last', async () => {
    const items = await itemsOf(await piecesOf(await clipUnits(CLIP)), { from: at(-50), to: at(150) });
    expect(gapsOf(items)).toEqual([
      { from: at(-50), to: at(0), why: 'not-recorded' },
      { from: at(100), to: at(150), why: 'not-recorded' },
    ]);
  });
});

describe('a segment of the past', () => {
  it('is refused wherever it is cut off', async () => {
    const [piece] = await piecesOf(await clipUnits({ ...CLIP, frames: 60 }));
    if (piece?.kind !== 'segment') throw new Error('a segment was expected');
    for (let length = 0; length < piece.bytes.length; length += 97)
      expect(() => segmentUnits(piece.bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'packets/malformed' }),
      );
  });

  it('has a config that a decoder takes', async () => {
    const [piece] = await piecesOf(await clipUnits({ ...CLIP, frames: 60 }));
    const config: Partial<StoredConfig> = piece?.kind === 'segment' ? piece.config : {};
    expect(config).toMatchObject({ codedWidth: 64, codedHeight: 48 });
    expect(config.codec).toMatch(/^avc1\.[0-9a-f]{6}$/i);
    expect(config.description?.[0]).toBe(1);
  });
});
