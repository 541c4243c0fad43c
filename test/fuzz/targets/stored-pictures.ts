/** Pictures as MP4 stores them: `avcC`, `hvcC`, samples. */
import {
  type AvcConfiguration,
  parseAvcConfiguration,
  parseAvcSample,
} from '../../../server/packets/avcc.ts';
import { parseHvcConfiguration } from '../../../server/packets/hvcc.ts';
import { nalLength } from '../../../server/packets/nal-unit.ts';
import { MAX_UNIT_NALS } from '../../../server/packets/picture-grouper.ts';
import { StoredPictures } from '../../../server/packets/stored-pictures.ts';
import { h264Pictures, h264Pps, h264Sps } from '../h264-stream.ts';
import { h265Pictures, h265Pps, h265SpsKinds, h265Vps } from '../h265-stream.ts';
import { RECORDS } from '../parts.ts';
import { holds, type Target } from '../target.ts';

const behindLength = (bytes: Uint8Array, lengthBytes = 2): Uint8Array => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length.subarray(4 - lengthBytes), bytes]);
};

const avcRecord = (lengthBytes = 4): Uint8Array =>
  Buffer.concat([
    Buffer.of(1, 77, 0, 31, 0xfc | (lengthBytes - 1), 0xe1),
    behindLength(h264Sps()),
    Buffer.of(1),
    behindLength(h264Pps()),
  ]);

function hvcRecord(lengthBytes = 4): Uint8Array {
  const fixed = Buffer.alloc(23);
  fixed.set([1, 1, 0x60]);
  fixed[21] = 0xfc | (lengthBytes - 1);
  fixed[22] = 3;
  const arrays = [h265Vps(), h265SpsKinds()[0]!, h265Pps()].map((set, index) =>
    Buffer.concat([Buffer.of(0xa0 | index, 0, 1), behindLength(set)]),
  );
  return Buffer.concat([fixed, ...arrays]);
}

function check({ lengthBytes, parameterSets }: AvcConfiguration, input: Uint8Array): string {
  const bytes = parameterSets.reduce((sum, set) => sum + 2 + set.length, 0);
  holds(bytes <= input.length, 'the parameter sets lie within the record');
  holds(lengthBytes >= 1 && lengthBytes <= 4, 'a length has 1 to 4 bytes');
  return `${lengthBytes} ${Math.min(parameterSets.length, 4)}`;
}

export const AVCC: Target = {
  name: 'avcc',
  limit: 4_096,
  words: [],
  seeds: () => [avcRecord(), avcRecord(1)],
  take: (input) => check(parseAvcConfiguration(input), input),
};

export const HVCC: Target = {
  name: 'hvcc',
  limit: 4_096,
  words: [],
  seeds: () => [hvcRecord(), hvcRecord(2)],
  take: (input) => check(parseHvcConfiguration(input), input),
};

const sampleOf = (nals: readonly Uint8Array[], lengthBytes: number): Uint8Array =>
  Buffer.concat(nals.map((nal) => behindLength(nal, lengthBytes)));

/** The first record says which codec, the second is its configuration; each further one is a sample. */
export const STORED_PICTURES: Target = {
  name: 'stored-pictures',
  limit: 8_192,
  words: [],
  parts: RECORDS,
  seeds: () =>
    [1, 2, 4].flatMap((length) => [
      RECORDS.join([
        Buffer.of(0),
        avcRecord(length),
        ...h264Pictures().map(({ nals }) => sampleOf(nals, length)),
      ]),
      RECORDS.join([
        Buffer.of(1),
        hvcRecord(length),
        ...h265Pictures().map(({ nals }) => sampleOf(nals, length)),
      ]),
    ]),
  take(input) {
    const [options, record = new Uint8Array(0), ...samples] = RECORDS.split(input);
    for (const sample of samples.slice(0, 1)) {
      const nals = parseAvcSample(sample, 1);
      const bytes = nals.reduce((sum, nal) => sum + nalLength(nal), 0);
      holds(bytes <= sample.length, 'the NAL units lie within the sample');
      holds(nals.length <= MAX_UNIT_NALS, 'a picture has at most so many NAL units');
    }
    const pictures = new StoredPictures((options?.[0] ?? 0) % 2 === 0 ? 'avc' : 'hevc', record);
    let keys = 0;
    let shown = 0;
    for (const [index, sample] of samples.entries()) {
      const picture = pictures.next(sample, index === 0);
      if (picture) shown++;
      if (picture?.key) keys++;
    }
    return `${Math.min(keys, 3)} ${Math.min(shown, 9)}`;
  },
};
