/** A codec's name for people. */

const NAMES: Readonly<Record<string, string>> = {
  avc1: 'H.264',
  avc3: 'H.264',
  hvc1: 'H.265',
  hev1: 'H.265',
  vp8: 'VP8',
  vp09: 'VP9',
  av01: 'AV1',
};

/** `avc1.640028` → `H.264`; a codec string that is not known stays as it is. */
export const codecName = (codec: string): string => NAMES[codec.split('.', 1)[0] ?? ''] ?? codec;
