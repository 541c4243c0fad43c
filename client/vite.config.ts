/** Builds the page: its scripts, its workers and the kernels' text; not the model nor onnxruntime's own files. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  root: here,
  // The page may stand under any path of a server.
  base: './',
  resolve: {
    // onnxruntime-web without its 14 to 27 MB of WASM, which the server serves once, under /runtime/.
    conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'development|production'],
  },
  worker: { format: 'es' },
  build: {
    outDir: '../dist/client',
    rollupOptions: { input: [`${here}index.html`, `${here}publish.html`] },
    emptyOutDir: true,
    // Lowers `using`; everything else a browser with WebCodecs has.
    target: 'es2022',
    sourcemap: true,
    assetsInlineLimit: 0,
  },
});
