/** A fragmented MP4, as ffmpeg writes it for us. */
import { Mp4Fragments, type Mp4Item } from '../../../server/packets/mp4-fragments.ts';
import { NightglassError } from '../../../server/wire/nightglass-error.ts';
import { box } from '../../support/mp4-box.ts';
import { holds, type Target, wordsOf } from '../target.ts';

function movie(format: string, record: string, wide: boolean): Buffer {
  const mdhd = wide ? box('mdhd', 0x0100_0000, 0, 0, 0, 0, 12_800, 0, 0) : box('mdhd', 0, 0, 0, 12_800, 0);
  const entry = box(format, new Uint8Array(78), box('colr', 0), box(record, 0x0164_0028, 0xffe1_0000));
  const stbl = box('stbl', box('stsd', 0, 1, entry), box('stts', 0, 0));
  const trak = box(
    'trak',
    box('tkhd', 0),
    box('mdia', mdhd, box('hdlr', 0), box('minf', box('vmhd', 0), stbl)),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from('iso5')),
    box('moov', box('mvhd', 0), trak, box('mvex', box('trex', 0, 1, 1, 512, 4, 0))),
  ]);
}

/** The moof is 24 bytes and its boxes long; the first sample begins 8 bytes behind it. */
function fragment(tfhd: Buffer, tfdt: Buffer, trun: (offset: number) => Buffer, media: Uint8Array): Buffer {
  const moof = (offset: number): Buffer =>
    box('moof', box('mfhd', 0, 1), box('traf', tfhd, tfdt, trun(offset)));
  return Buffer.concat([moof(moof(0).length + 8), box('mdat', media)]);
}

const MEDIA = Uint8Array.from({ length: 24 }, (_, index) => index);
const FULL_RUN = (offset: number): Buffer =>
  box('trun', 0x0100_0f01, 2, offset, 512, 10, 0, 512, 256, 14, 0x0101_0000, -256);
const SHORT_RUN = (offset: number): Buffer => box('trun', 5, 3, offset, 0x0200_0000);

export const MP4_FRAGMENTS: Target = {
  name: 'mp4-fragments',
  limit: 8_192,
  words: wordsOf(
    'moov',
    'moof',
    'mdat',
    'traf',
    'trun',
    'tfhd',
    'tfdt',
    'trex',
    'stsd',
    'avcC',
    'hvcC',
    'free',
  ),
  seeds: () => [
    Buffer.concat([
      movie('avc1', 'avcC', false),
      fragment(
        box('tfhd', 0x0002_0038, 1, 512, 12, 0x0101_0000),
        box('tfdt', 0x0100_0000, 0, 512),
        FULL_RUN,
        MEDIA,
      ),
      fragment(box('tfhd', 0x0002_0000, 1), box('tfdt', 0, 1_024), SHORT_RUN, MEDIA),
    ]),
    Buffer.concat([
      movie('hvc1', 'hvcC', true),
      fragment(box('tfhd', 0x0000_0001, 1, 0, 0), box('tfdt', 0, 0), SHORT_RUN, MEDIA),
      box('free', 1),
    ]),
  ],
  take(input) {
    const whole = read([input]);
    const cuts = [0, input.length >> 1, (input.length >> 1) + 1, input.length - 5, input.length].map((cut) =>
      Math.max(0, cut),
    );
    const pieces = cuts.map((cut, index) => input.subarray(cuts[index - 1] ?? 0, cut));
    holds(read(pieces).said.join() === whole.said.join(), 'it does not matter in what pieces the bytes come');
    if (whole.error) throw whole.error;
    return `${[...new Set(whole.said.map((one) => one.slice(0, 12)))].slice(0, 3)} ${Math.min(whole.said.length, 9)}`;
  },
};

/** What comes of the pieces: every item in words, and how it ended. */
function read(pieces: readonly Uint8Array[]): {
  readonly said: readonly string[];
  readonly error?: NightglassError;
} {
  const fragments = new Mp4Fragments();
  const said: string[] = [];
  try {
    for (const piece of pieces) for (const item of fragments.push(piece)) said.push(inWords(item));
    return { said };
  } catch (error) {
    if (!(error instanceof NightglassError)) throw error;
    return { said: [...said, error.message], error };
  }
}

function inWords(item: Mp4Item): string {
  if (item.kind === 'track') return `track ${item.format} ${item.record.length}`;
  holds(Number.isFinite(item.seconds), 'a sample has a time');
  return `sample ${item.seconds} ${item.data.length}`;
}
