/** How the packets of each codec become pictures: its depacketiser and its assembler, put together. */
import { Av1Assembler } from './av1-assembler.ts';
import { readAv1Payload } from './av1-payload.ts';
import { H264Assembler } from './h264-assembler.ts';
import { H264Depacketiser } from './h264-depacketiser.ts';
import { H265Assembler } from './h265-assembler.ts';
import { H265Depacketiser } from './h265-depacketiser.ts';
import { joined } from './joined.ts';
import { MarkedDepacketiser, type ReadShare } from './marked-depacketiser.ts';
import type { AssembledPicture, PictureAssembler } from './picture-assembler.ts';
import type { RtpInstant } from './rtp-clock.ts';
import type { RtpPacket, VideoTrack } from './rtp-item.ts';
import { assembleVp8 } from './vp8-assembler.ts';
import { readVp8Payload } from './vp8-payload.ts';
import { assembleVp9 } from './vp9-assembler.ts';
import { readVp9Payload } from './vp9-payload.ts';

const NOTHING: readonly ReadPicture[] = [];

/** The packets of one picture, whole. */
export interface ReadPicture extends RtpInstant {
  /** Something between the picture before and this one was lost or damaged. */
  readonly afterLoss: boolean;
  /** To be called once, in the order read; as `PictureAssembler` has it. */
  assemble(afterBreak: boolean): ReturnType<PictureAssembler['assemble']>;
}

/** Reads one track. */
export interface PictureReader {
  /** @throws NightglassError `packets/unsupported-codec` for packets that are interleaved or of a kind that is not carried */
  push(packet: RtpPacket): readonly ReadPicture[];
  /** What is whole when no more packets come. */
  end(): readonly ReadPicture[];
  /** Whether pictures may be shown in another order than they come in, as far as is known. */
  readonly reordered: boolean;
}

export function pictureReader(track: VideoTrack): PictureReader {
  const { codec, payloadType, parameterSets } = track;
  switch (codec) {
    case 'h264':
      return ofNals(new H264Depacketiser(payloadType), new H264Assembler(parameterSets));
    case 'h265':
      return ofNals(new H265Depacketiser(track), new H265Assembler(parameterSets));
    case 'vp8':
      return ofParts(payloadType, readVp8Payload, (parts) => assembleVp8(joined(parts.flat())));
    case 'vp9':
      return ofParts(payloadType, readVp9Payload, (parts) => assembleVp9(joined(parts.flat())));
    case 'av1': {
      const assembler = new Av1Assembler();
      return ofParts(payloadType, readAv1Payload, (parts) => assembler.assemble(parts));
    }
  }
}

interface Depacketised extends RtpInstant {
  readonly afterLoss: boolean;
}

interface Steps<Unit extends Depacketised> {
  readonly depacketiser: { push(packet: RtpPacket): readonly Unit[]; end(): readonly Unit[] };
  readonly assemble: (unit: Unit, afterBreak: boolean) => AssembledPicture | 'unshowable' | undefined;
  readonly reordered: () => boolean;
}

const ofNals = (
  depacketiser: H264Depacketiser | H265Depacketiser,
  assembler: PictureAssembler,
): PictureReader =>
  readerOf({
    depacketiser,
    assemble: ({ nals }, afterBreak) => assembler.assemble(nals, afterBreak),
    reordered: () => assembler.reordered,
  });

/** Codecs whose pictures come in the order shown. */
const ofParts = (
  payloadType: number,
  read: ReadShare,
  assemble: (parts: readonly (readonly Uint8Array[])[]) => AssembledPicture | 'unshowable' | undefined,
): PictureReader =>
  readerOf({
    depacketiser: new MarkedDepacketiser(payloadType, read),
    assemble: ({ parts }) => assemble(parts),
    reordered: () => false,
  });

function readerOf<Unit extends Depacketised>({
  depacketiser,
  assemble,
  reordered,
}: Steps<Unit>): PictureReader {
  const read = (units: readonly Unit[]): readonly ReadPicture[] =>
    units.length === 0
      ? NOTHING
      : units.map((unit) => {
          const { ssrc, rtpTimestamp, arrivedAt, afterLoss } = unit;
          const instant = { ssrc, rtpTimestamp, arrivedAt, afterLoss };
          return { ...instant, assemble: (afterBreak) => assemble(unit, afterBreak) };
        });
  return {
    push: (packet) => read(depacketiser.push(packet)),
    end: () => read(depacketiser.end()),
    get reordered() {
      return reordered();
    },
  };
}
