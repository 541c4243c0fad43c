/** Everything that is fuzzed: each parser of what a peer sends, and the chains they stand in. */
import type { Target } from './target.ts';
import { ACCESS_UNITS } from './targets/access-units.ts';
import { ADDRESSES } from './targets/addresses.ts';
import { H264_DEPACKETISER, H265_DEPACKETISER } from './targets/depacketisers.ts';
import { H264_PARAMETER_SETS } from './targets/h264-parameter-sets.ts';
import { H265_PARAMETER_SETS } from './targets/h265-parameter-sets.ts';
import { FILE_NAMES, HLS_QUERY } from './targets/hls-names.ts';
import { IN_BAND } from './targets/in-band.ts';
import { JITTER_BUFFER } from './targets/jitter-buffer.ts';
import { MP4_FRAGMENTS } from './targets/mp4-fragments.ts';
import { NAL } from './targets/nal.ts';
import { RTCP, RTP } from './targets/rtp.ts';
import { RTSP } from './targets/rtsp.ts';
import { RTSP_AUTH } from './targets/rtsp-auth.ts';
import { SDP } from './targets/sdp.ts';
import { AVCC, HVCC, STORED_PICTURES } from './targets/stored-pictures.ts';
import { WHIP_FRAGMENT, WHIP_GUARD, WHIP_OFFER } from './targets/whip.ts';
import { WIRE_CONTROL, WIRE_MEDIA } from './targets/wire.ts';

export const TARGETS: readonly Target[] = [
  RTSP,
  RTSP_AUTH,
  SDP,
  ADDRESSES,
  RTP,
  RTCP,
  JITTER_BUFFER,
  H264_DEPACKETISER,
  H265_DEPACKETISER,
  NAL,
  H264_PARAMETER_SETS,
  H265_PARAMETER_SETS,
  ACCESS_UNITS,
  ...IN_BAND,
  MP4_FRAGMENTS,
  AVCC,
  HVCC,
  STORED_PICTURES,
  WIRE_MEDIA,
  WIRE_CONTROL,
  WHIP_OFFER,
  WHIP_FRAGMENT,
  WHIP_GUARD,
  HLS_QUERY,
  FILE_NAMES,
];
