/** Inputs made of parts, so that a mutation can move, repeat and drop whole ones. */

export interface Parts {
  split(input: Uint8Array): Uint8Array[];
  join(parts: readonly Uint8Array[]): Uint8Array;
}

/** Packets, NAL units or chunks, each behind its length in two bytes (as RFC 4571 frames RTP); the last may be cut. */
export const RECORDS: Parts = {
  split(input) {
    const records: Uint8Array[] = [];
    for (let at = 0; at + 2 <= input.length; ) {
      const end = at + 2 + ((input[at]! << 8) | input[at + 1]!);
      records.push(input.subarray(at + 2, end));
      at = end;
    }
    return records;
  },
  join: (records) =>
    Buffer.concat(
      records.map((record) => {
        const kept = record.subarray(0, 0xffff);
        return Buffer.concat([Buffer.of(kept.length >> 8, kept.length & 0xff), kept]);
      }),
    ),
};

/** Lines of text, whatever ends them. */
export const LINES: Parts = {
  split(input) {
    const lines: Uint8Array[] = [];
    for (let at = 0; at < input.length; ) {
      const found = input.indexOf(0x0a, at);
      const end = found < 0 ? input.length : found + 1;
      lines.push(input.subarray(at, end));
      at = end;
    }
    return lines;
  },
  join: (lines) => Buffer.concat(lines),
};
