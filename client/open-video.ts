/** A file of any recorder → one that a tile shows: converted where it must be, dated where it says when it was begun. */
import { wallMicros } from '#wire/time.ts';
import { Converter } from './convert/ffmpeg.ts';
import { openFile } from './convert/open-file.ts';
import { creationTime } from './file/creation-time.ts';
import { ffmpegAddresses } from './server-addresses.ts';
import type { OpenVideo } from './ui/open-video.ts';

/** ffmpeg is fetched where it is needed, and its memory given back when the file is done. */
export const openVideo: OpenVideo = async (file, progress, signal) => {
  using converter = new Converter(ffmpegAddresses(new URL('.', document.baseURI)));
  const opened = await openFile(file, converter, progress, signal);
  const startedAt = opened.startedAt === undefined ? await creationTime(file) : wallMicros(opened.startedAt);
  return { file: opened.file, startedAt };
};
