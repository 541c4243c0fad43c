/** What the tests of ffmpeg.wasm have in their page, as `globalThis.convert`. */
import { Converter } from '../../client/convert/ffmpeg.ts';
import * as jobs from '../../client/convert/jobs.ts';
import { openFile } from '../../client/convert/open-file.ts';

const at = (path: string) => new URL(path, location.href).href;

const tools = {
  converter: new Converter({
    core: at('/ffmpeg/ffmpeg-core.js'),
    wasm: at('/ffmpeg/ffmpeg-core.wasm'),
    font: at('/fonts/DejaVuSansMono.ttf'),
  }),
  jobs,
  openFile,
  /** A file of the test's folder. */
  fileAt: async (name: string) => new File([await (await fetch(`/files/${name}`)).blob()], name),
  /** Puts a file into the test's folder; gives its name there. */
  async keep(file: File): Promise<string> {
    await fetch(`/files/${file.name}`, { method: 'PUT', body: file });
    return file.name;
  },
};

declare global {
  var convert: typeof tools;
}
globalThis.convert = tools;
