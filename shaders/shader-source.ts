/** How the text of a kernel comes to the engine: the host hands it over, because browser and Node load files differently. */

/**
 * Returns the text of `shaders/<name>.wgsl`. Vite's `?raw` imports do not exist under plain Node and Node's files do not exist
 * in a browser, so the host gives this function:
 *
 * - built by Vite (or Vitest): `import.meta.glob('../../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true })`,
 *   looked up by name;
 * - Node: ``(name) => readFileSync(new URL(`../../shaders/${name}.wgsl`, import.meta.url), 'utf8')``.
 */
export type ShaderSource = (name: string) => string;
