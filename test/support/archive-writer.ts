/** A process of its own that records for ever, and prints the number of each segment once it was told as recorded. */
import { Archive } from '../../server/hls/archive.ts';
import { at, initOf, keptLog, segmentAt } from './hls-segments.ts';

const [folder = ''] = process.argv.slice(2);
const archive = Archive.open(folder, { hours: 1, maxGiB: 1, freeGiB: 0 }, keptLog(), () => at(0));
await archive.ready;
const before = archive.spans().length;
for (let number = before; ; number++) {
  // Ten seconds apart, so that each is a span; large enough to be caught in the middle.
  await archive.add(segmentAt(number * 10, { size: 300_000, init: initOf(`${number >> 2}`) }));
  if (archive.state.state === 'recording') console.log(number);
}
