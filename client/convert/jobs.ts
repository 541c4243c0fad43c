/** What ffmpeg is asked to do with clips, as arguments. */

export interface Job {
  readonly inputs: readonly File[];
  readonly args: (paths: JobPaths) => readonly string[];
  /** Name of the file that comes out. */
  readonly output: string;
  /** Its MIME type. */
  readonly type: string;
  /** Length of what is converted, for the progress; 0 when unknown. */
  readonly seconds: number;
  readonly needsFont?: true;
}

export interface JobPaths {
  readonly inputs: readonly string[];
  readonly font: string;
  readonly output: string;
}

/** A clip and what is known of it. */
export interface Clip {
  readonly file: File;
  readonly seconds: number;
  /** For the output's name, without an extension. */
  readonly name: string;
}

/** Visually lossless for dark pictures, and fast: one thread has to do. */
const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '17', '-pix_fmt', 'yuv420p'];
const KEEP_TIMES = ['-fps_mode', 'passthrough', '-enc_time_base', '-1', '-video_track_timescale', '90000'];
const MP4 = [...H264, ...KEEP_TIMES, '-movflags', '+faststart'];
/** H.264 takes even sizes alone. */
const EVEN = 'scale=trunc(iw/2)*2:trunc(ih/2)*2';

/**
 * The pictures with `from` ≤ time < `to`, seconds from the clip's first picture: encoded anew, so that it begins and
 * ends at any picture, not only at key pictures.
 */
export function trim({ file, name }: Clip, from: number, to: number): Job {
  // Half a millisecond early: a picture's time in a file is rounded to the track's ticks.
  const [first, end] = [Math.max(0, from - 0.0005), to - 0.0005].map((seconds) => seconds.toFixed(6));
  const cut = `setpts=PTS-STARTPTS,trim=start=${first}:end=${end},setpts=PTS-STARTPTS,${EVEN}`;
  return {
    inputs: [file],
    args: ({ inputs, output }) => ['-i', inputs[0]!, '-map', '0:v:0', '-vf', cut, ...MP4, output],
    output: `${name}-trimmed.mp4`,
    type: 'video/mp4',
    seconds: to - from,
  };
}

/**
 * Writes the camera's name and the wall clock into the pictures.
 * @param startedAt µs since 1970, of the first picture; undefined where nobody knows: the time from 0:00 on is written then
 */
export function burnIn({ file, seconds, name }: Clip, label: string, startedAt: number | undefined): Job {
  const start = ((startedAt ?? 0) / 1e6).toFixed(3);
  // The text passes the filter graph's parser, the filter's options and the text expansion: each takes a backslash.
  const wall = String.raw`%{pts\:gmtime\:${start}\:%Y-%m-%d %H\\\:%M\\\:%S} UTC`;
  const clock = startedAt === undefined ? String.raw`%{pts\:hms}` : wall;
  const box = 'fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=6:fontsize=max(12\\,h/24):x=12:y=h-th-12';
  return {
    inputs: [file],
    args: ({ inputs, font, output }) => [
      '-i',
      inputs[0]!,
      '-map',
      '0:v:0',
      '-vf',
      `${EVEN},drawtext=fontfile=${font}:text='${plainText(label)}  ${clock}':${box}`,
      ...MP4,
      output,
    ],
    output: `${name}-labelled.mp4`,
    type: 'video/mp4',
    seconds,
    needsFont: true,
  };
}

/** The left clip beside the right one, both at the right one's height; pictures pair by their time. */
export function sideBySide(left: Clip, right: Clip): Job {
  const graph = `[1:v]setpts=PTS-STARTPTS,${EVEN}[r0];[0:v]setpts=PTS-STARTPTS[l0];[l0][r0]scale2ref=w=oh*mdar:h=ih[l][r];[l]setsar=1,${EVEN}[le];[r]setsar=1[re];[le][re]hstack=shortest=1[out]`;
  return {
    inputs: [left.file, right.file],
    args: ({ inputs, output }) => [
      '-i',
      inputs[0]!,
      '-i',
      inputs[1]!,
      '-filter_complex',
      graph,
      '-map',
      '[out]',
      ...MP4,
      output,
    ],
    output: `${right.name}-side-by-side.mp4`,
    type: 'video/mp4',
    seconds: Math.min(left.seconds, right.seconds),
  };
}

export type Format = 'mp4' | 'webm' | 'gif';

/** The clip in another format; a GIF has 10 pictures a second and at most 480 pixels across. */
export function convert({ file, seconds, name }: Clip, format: Format): Job {
  const palette = 'fps=10,scale=min(480\\,iw):-2:flags=lanczos,split[a][b];[a]palettegen[p];[b][p]paletteuse';
  const how = {
    mp4: ['-vf', EVEN, ...MP4],
    webm: [
      '-vf',
      EVEN,
      '-c:v',
      'libvpx',
      '-b:v',
      '0',
      '-crf',
      '10',
      '-deadline',
      'realtime',
      '-cpu-used',
      '4',
      '-pix_fmt',
      'yuv420p',
      '-fps_mode',
      'passthrough',
    ],
    gif: ['-vf', palette],
  }[format];
  return {
    inputs: [file],
    args: ({ inputs, output }) => ['-i', inputs[0]!, '-map', '0:v:0', ...how, output],
    output: `${name}.${format}`,
    type: format === 'gif' ? 'image/gif' : `video/${format}`,
    seconds,
  };
}

/** Twelve pictures of the clip, evenly spaced, four across, as one PNG. */
export function contactSheet({ file, seconds, name }: Clip): Job {
  const every = Math.max(seconds, 0.001) / 12;
  const sheet = `setpts=PTS-STARTPTS,select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,${every.toFixed(6)}-0.0005)',scale=min(480\\,iw):-2,tile=4x3:padding=4:margin=4`;
  return {
    inputs: [file],
    args: ({ inputs, output }) => [
      '-i',
      inputs[0]!,
      '-map',
      '0:v:0',
      '-vf',
      sheet,
      '-fps_mode',
      'passthrough',
      '-frames:v',
      '1',
      output,
    ],
    output: `${name}-sheet.png`,
    type: 'image/png',
    seconds,
  };
}

/** A file of a recorder made playable: H.264 is put into MP4 as it is, everything else encoded anew. */
export function playable({ file, seconds, name }: Clip, codec: string): Job {
  const video = codec === 'h264' ? ['-c:v', 'copy'] : ['-vf', EVEN, ...H264, ...KEEP_TIMES];
  return {
    inputs: [file],
    args: ({ inputs, output }) => [
      '-i',
      inputs[0]!,
      '-map',
      '0:v:0',
      ...video,
      '-movflags',
      '+faststart',
      output,
    ],
    output: `${name}.mp4`,
    type: 'video/mp4',
    seconds,
  };
}

/** A camera's name for drawtext, where quotes, backslashes, colons and percent signs mean something: they are left out. */
const plainText = (text: string): string => text.replaceAll(/['"\\:%{}]/g, ' ').trim();
