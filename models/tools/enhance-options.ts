/** What `npm run enhance` was asked to do. */
import { parseArgs } from 'node:util';
import { modelOption, shareOption, timeOption, wordOption } from './command.ts';
import { ENGINES, type Engine } from './engine.ts';
import { type Look, MODES } from './enhance-frame.ts';
import type { Span } from './video/decode.ts';

export const HELP = `Enhances pictures and videos with the shipped network.

  npm run enhance -- --in X --out Y [options]

  --in X           a PNG, JPEG or WebP picture, a video file, or a folder of them
  --out Y          a folder: the same names, PNG and MP4; for a single file also a name that ends in .png or .mp4
  --model NAME     a folder of models/artifacts (default base)
  --engine NAME    ort: onnxruntime, on the CPU; wgsl: the project's own engine, on the GPU
                   (default wgsl where there is a GPU, else ort)
  --mode MODE      super-resolve: twice the size (default up to 640x360 pixels); same-size: the network sees half
                   the size and the picture's own detail is carried over (default above)
  --strength S     0 the picture as it was … 1 the enhanced one (default)
  --denoise        averages noise away over time before the network sees a video's pictures: steadier where nothing
                   moves, and no nearer to the truth (off by default)
  --from T --to T  of a video, only from and up to these times: seconds, or hours:minutes:seconds
  --overwrite      makes again what is finished; without it, what is newer than its source is left as it is
  --downsample N   pictures without detail carried over, as they are measured; 1: twice the size; 2: halved first, so
                   that the output has the input's size

Videos keep their times, audio, rotation and colours; they need ffmpeg. Exit code: 0 all enhanced, 1 some skipped,
2 none, 130 stopped.
`;

export interface EnhanceOptions {
  readonly in: string;
  readonly out: string;
  readonly model: string;
  /** Undefined: the best there is. */
  readonly engine: Engine | undefined;
  readonly look: Look;
  readonly span: Span;
  readonly overwrite: boolean;
  readonly downsample: 1 | 2 | undefined;
}

/**
 * @returns undefined when the help was asked for, or nothing to do was given
 * @throws Error of one sentence that names the option
 */
export function readOptions(args: readonly string[]): EnhanceOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      in: { type: 'string' },
      out: { type: 'string' },
      model: { type: 'string', default: 'base' },
      engine: { type: 'string' },
      mode: { type: 'string' },
      strength: { type: 'string' },
      denoise: { type: 'boolean', default: false },
      from: { type: 'string' },
      to: { type: 'string' },
      overwrite: { type: 'boolean', default: false },
      downsample: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const { in: source, out, model, engine, mode, strength, downsample, help, overwrite } = values;
  if (help || source === undefined || out === undefined) return undefined;
  if (downsample !== undefined && (mode !== undefined || strength !== undefined || values.denoise))
    throw new Error('--downsample: it goes with none of --mode, --strength and --denoise');
  const factor = downsample === undefined ? undefined : wordOption('downsample', downsample, ['1', '2']);
  return {
    in: source,
    out,
    model: modelOption(model),
    engine: engine === undefined ? undefined : wordOption('engine', engine, ENGINES),
    look: {
      mode: mode === undefined ? undefined : wordOption('mode', mode, MODES),
      strength: strength === undefined ? 1 : shareOption('strength', strength),
      denoise: values.denoise,
    },
    span: spanOf(values.from, values.to),
    overwrite,
    downsample: factor === undefined ? undefined : factor === '2' ? 2 : 1,
  };
}

function spanOf(from: string | undefined, to: string | undefined): Span {
  const start = from === undefined ? 0 : timeOption('from', from);
  const end = to === undefined ? undefined : timeOption('to', to);
  if (end !== undefined && end <= start)
    throw new Error(`--to: a time after --from was expected, ${to} came`);
  return { from: start, to: end };
}
