/** The order in which the files run: the longest first, so that no core idles while another ends a long one. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A minute or more each, on two idle cores. */
const LONG = [
  'models/train-script',
  'corridor/live',
  'corridor/export',
  'corridor/record',
  'models/python',
  'corridor/past',
  'corridor/camera-faults',
  'corridor/hls',
].map((name) => `/test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const index = LONG.findIndex((end) => moduleId.endsWith(end));
      return index < 0 ? LONG.length : index;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
