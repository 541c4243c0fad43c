/** An init segment → what a decoder, or a file, must be told of its pictures. */
import { BufferSource, Input, MP4 } from 'mediabunny';
import { NightglassError } from '#wire/nightglass-error.ts';

/** As WebCodecs wants it; `description` is the `avcC` or `hvcC` record. */
export interface StoredConfig {
  readonly codec: string;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly description: Uint8Array;
}

/** @throws NightglassError `packets/malformed` */
export async function initConfig(init: Uint8Array): Promise<StoredConfig> {
  const input = new Input({ formats: [MP4], source: new BufferSource(init) });
  const track = await input.getPrimaryVideoTrack().catch(() => null);
  const config = await track?.getDecoderConfig().catch(() => null);
  const { codec, codedWidth, codedHeight, description } = config ?? {};
  if (codec === undefined || !codedWidth || !codedHeight || description === undefined)
    throw new NightglassError('packets/malformed', 'an init segment of one video track was expected');
  const bytes = ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description);
  return { codec, codedWidth, codedHeight, description: bytes.slice() };
}
