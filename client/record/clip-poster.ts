/** A small picture of a clip, for lists. */
import { ALL_FORMATS, BlobSource, Input, VideoSampleSink } from 'mediabunny';
import type { Evidence } from '#wire/evidence.ts';

/** Pixels. */
const WIDTH = 480;

/** Its first picture, enhanced where there is such a one; nothing where this browser cannot decode it. */
export async function posterOf({ files }: Evidence, data: readonly File[]): Promise<File | undefined> {
  const shown = files.find(({ shows }) => shows !== 'original') ?? files[0];
  const file = data.find(({ name }) => name === shown?.name);
  if (!shown || !file) return undefined;
  try {
    const canvas = shown.codec === 'png' ? await drawn(file) : await firstPicture(file);
    if (!canvas) return undefined;
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
    return new File([blob], 'poster.jpg', { type: blob.type });
  } catch (error) {
    console.warn('the clip has no poster', error);
    return undefined;
  }
}

async function drawn(file: File): Promise<OffscreenCanvas> {
  const picture = await createImageBitmap(file);
  const { canvas, context } = canvasFor(picture);
  context?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

async function firstPicture(file: File): Promise<OffscreenCanvas | undefined> {
  using input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (!track || !(await track.canDecode())) return undefined;
  using sample = await new VideoSampleSink(track).getSample(await track.getFirstTimestamp());
  if (!sample) return undefined;
  const { canvas, context } = canvasFor({ width: sample.displayWidth, height: sample.displayHeight });
  if (context) sample.draw(context, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function canvasFor({ width, height }: { readonly width: number; readonly height: number }) {
  const scale = Math.min(1, WIDTH / width);
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.max(1, Math.round(height * scale)));
  return { canvas, context: canvas.getContext('2d', { alpha: false }) };
}
