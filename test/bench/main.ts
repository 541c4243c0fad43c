/** `npm run bench -- NAME`: runs one benchmark; each prints a table and, last, one line of JSON. */

const [name = '', ...args] = process.argv.slice(2);

/** What each benchmark measures; its file exports `run(args)`. */
const BENCHMARKS: Readonly<Record<string, string>> = {
  ingest: 'many RTSP cameras read by one process',
  fanout: 'one stream sent to many viewers',
  latency: 'capture to canvas, in a real browser',
  recording: 'the memory of an hour-long recording, made as fast as it goes',
  engine: 'the network by our own engine and by onnxruntime, on one adapter; --dawn: in Node',
  denoise: 'the picture with and without the averaging of noise over time',
  soak: 'the whole server for long, cameras and viewers coming, going and failing',
};

if (BENCHMARKS[name] === undefined) {
  console.error('npm run bench -- NAME, where NAME is one of:');
  for (const [known, what] of Object.entries(BENCHMARKS)) console.error(`  ${known.padEnd(9)} ${what}`);
  process.exitCode = 2;
} else {
  const { run } = (await import(`./${name}.ts`)) as { run(args: string[]): Promise<void> };
  await run(args);
}

export {};
