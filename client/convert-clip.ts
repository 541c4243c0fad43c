/** A recorded clip → another file made of it, with evidence that names the clip's files and what was done. */
import {
  type Derivation,
  type Evidence,
  type EvidenceFacts,
  type EvidenceFile,
  sealed,
  spanOf,
} from '#wire/evidence.ts';
import { wallMicros } from '#wire/time.ts';
import { Converter, type Progress } from './convert/ffmpeg.ts';
import { burnIn, type Clip, contactSheet, convert, type Job, sideBySide, trim } from './convert/jobs.ts';
import { sha256OfText } from './record/clip-file.ts';
import { filesOf } from './record/clip-shelf.ts';
import { sha256OfFile } from './record/file-hash.ts';
import { ffmpegAddresses } from './server-addresses.ts';
import type { MakeRequest, Workshop } from './ui/workshop.ts';
import { PAGE_VERSION } from './version.ts';

const TOOL = 'ffmpeg.wasm (@ffmpeg/core 0.12, FFmpeg with x264, GPL-2.0-or-later)';
/** Of what comes out, by its file's ending. */
const CODECS: Readonly<Record<string, string>> = { mp4: 'h264', webm: 'vp8', gif: 'gif', png: 'png' };

/** One thing that is done, to what came of the one before. */
interface Step {
  readonly said: string;
  readonly job: (clip: Clip) => Job;
}

interface Source {
  readonly file: File;
  readonly fact: EvidenceFile;
}

/** ffmpeg is fetched where it is needed, and its memory given back when the clip is done. */
export const makeOfClip: Workshop['make'] = async (request, progress, signal) => {
  const { clip, shows, span, beside } = request;
  const files = await filesOf(clip);
  const source = (wanted: EvidenceFile['shows']): Source => {
    const fact = clip.evidence.files.find((each) => each.shows === wanted);
    const file = fact && files.find(({ name }) => name === fact.name);
    if (!fact || !file) throw new Error(`the clip has no file that shows ${wanted}`);
    return { file, fact };
  };
  const main = source(shows);
  const left = beside ? source('original') : undefined;
  const seconds = secondsOf(main);
  const steps = stepsOf(request, main, left && { ...left, seconds: secondsOf(left) });
  using converter = new Converter(ffmpegAddresses(new URL('.', document.baseURI)));
  let made: Clip = { file: main.file, seconds, name: withoutExtension(main.fact.name) };
  let pictures = 0;
  for (const [index, { job }] of steps.entries()) {
    const file = await converter.run(
      job(made),
      (step: Progress) => {
        if (step.step === 'converting') pictures = step.pictures;
        const share = step.step === 'fetching' ? step.share : (index + step.share) / steps.length;
        progress({ step: step.step, share });
      },
      signal,
    );
    const length = index === 0 && span ? span.end - span.from : made.seconds;
    made = { file, seconds: length, name: withoutExtension(file.name) };
  }
  const facts = await factsOf(request, [main, ...(left ? [left] : [])], made.file, pictures, signal);
  const sources = [left, main].flatMap((each) => (each ? [each.fact] : []));
  const derived: Derivation = {
    operations: steps.map(({ said }) => said),
    tool: TOOL,
    sources: sources.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
    checksum: clip.evidence.checksum,
  };
  return [made.file, jsonOf({ ...facts, derived }, made.name)];
};

/** Trimmed first, so that nothing is encoded that is thrown away; converted last. */
function stepsOf(
  { clip, span, label, format }: MakeRequest,
  { fact }: Source,
  left: (Source & { readonly seconds: number }) | undefined,
): readonly Step[] {
  const { camera, captureClock } = clip.evidence;
  const steps: Step[] = [];
  if (left)
    steps.push({
      said: 'the original to the left of the enhanced pictures',
      job: (made) => sideBySide({ ...left, name: made.name }, made),
    });
  if (span)
    steps.push({
      said: `trimmed to ${span.from.toFixed(3)} s … ${span.end.toFixed(3)} s`,
      job: (made) => trim(made, span.from, span.end),
    });
  if (label) {
    const began = captureClock === 'position' ? undefined : fact.from + Math.round((span?.from ?? 0) * 1e6);
    steps.push({
      said: `the name and the ${began === undefined ? 'position' : 'wall clock in UTC'} written into the pictures`,
      job: (made) => burnIn(made, camera.title, began),
    });
  }
  if (format === 'sheet') steps.push({ said: 'twelve of its pictures on a sheet', job: contactSheet });
  else if (format !== 'mp4' || steps.length === 0)
    steps.push({
      said: `converted to ${{ mp4: 'H.264 in MP4', webm: 'WebM', gif: 'GIF' }[format]}`,
      // A file must not be called as the one it was made from.
      job: (made) => convert(steps.length === 1 ? { ...made, name: `${made.name}-converted` } : made, format),
    });
  return steps;
}

async function factsOf(
  { clip, shows, span, beside }: MakeRequest,
  sources: readonly Source[],
  file: File,
  kept: number,
  signal: AbortSignal,
): Promise<EvidenceFacts> {
  const { checksum: _, ...recorded } = clip.evidence;
  const [{ fact } = sources[0]!] = sources;
  const at = (seconds: number) => wallMicros(fact.from + Math.round(seconds * 1e6));
  const [from, to] = span ? [at(span.from), at(span.last)] : [fact.from, fact.to];
  const made: EvidenceFile = {
    name: file.name,
    shows: beside ? 'side-by-side' : shows,
    bytes: file.size,
    sha256: await sha256OfFile(file, signal),
    codec: CODECS[file.name.split('.').at(-1)!] ?? '',
    ...(await sizeOf(file, signal)),
    from,
    to,
    pictures: {
      source: fact.pictures.kept,
      kept,
      enhanced: fact.pictures.enhanced === fact.pictures.kept ? kept : Math.min(kept, fact.pictures.enhanced),
      lost: { server: 0, late: 0, encoder: 0 },
    },
  };
  return { ...recorded, ...spanOf([made]), files: [made], nightglass: PAGE_VERSION };
}

function jsonOf(facts: EvidenceFacts, name: string): File {
  const evidence: Evidence = sealed(facts, sha256OfText);
  return new File([`${JSON.stringify(evidence, null, 2)}\n`], `${name}.json`, { type: 'application/json' });
}

/** Pixels. */
async function sizeOf(file: File, signal: AbortSignal): Promise<{ width: number; height: number }> {
  if (file.type.startsWith('video/')) {
    const { videoWidth: width, videoHeight: height } = await withVideo(file, signal);
    return { width, height };
  }
  const picture = await createImageBitmap(file);
  const { width, height } = picture;
  picture.close();
  return { width, height };
}

/** From the first picture to the end of the last, as long as the others on average. */
const secondsOf = ({ fact: { from, to, pictures } }: Source): number =>
  ((to - from) / 1e6) * (pictures.kept / Math.max(1, pictures.kept - 1));

/** What a `<video>` says of a file. */
async function withVideo(
  file: File,
  signal: AbortSignal,
): Promise<Pick<HTMLVideoElement, 'videoWidth' | 'videoHeight'>> {
  const video = document.createElement('video');
  const address = URL.createObjectURL(file);
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      video.addEventListener('loadedmetadata', () => resolve(), { once: true });
      video.addEventListener('error', () => reject(new Error(`${file.name} cannot be read`)), { once: true });
      video.src = address;
    });
    const { videoWidth, videoHeight } = video;
    return { videoWidth, videoHeight };
  } finally {
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(address);
  }
}

const withoutExtension = (name: string): string => name.replace(/\.[^.]*$/, '');
