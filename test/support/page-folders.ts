/** The folders a server of a test serves the page from: the page's source, for no test here runs it. */
export const PAGE_FOLDERS = {
  page: 'client',
  models: 'models/artifacts',
  runtime: 'node_modules/onnxruntime-web/dist',
  ffmpeg: 'node_modules/@ffmpeg/core/dist/esm',
  fonts: 'node_modules/dejavu-fonts-ttf/ttf',
};
