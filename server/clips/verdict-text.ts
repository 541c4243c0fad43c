/** What was found out about a clip or a snapshot, for people. */
import { basename } from 'node:path';
import { type ExportedSpan, utcOf } from '#wire/evidence.ts';
import type { Verdict } from './verify-evidence.ts';

const SHOWS = {
  original: 'as the camera sent it',
  enhanced: 'enhanced',
  'side-by-side': 'side by side: the camera’s picture left, the enhanced one right',
};

const MISSING: Readonly<Record<ExportedSpan['gaps'][number]['why'], string>> = {
  'not-recorded': 'the server did not record it',
  gone: 'the server had deleted it when it was exported',
  unreadable: 'it is damaged, or could not be decoded',
};
/** More gaps than these are counted, not listed. */
const LISTED = 20;

/** What was asked for of the past, and where of that there are no pictures. */
function exportedLines({ from, to, gaps }: ExportedSpan, part: number): string[] {
  const more = gaps.length - LISTED;
  const parts = part > 1 ? `; this is part ${part}` : '';
  return [
    `  exported from the past: ${utcOf(from)} to ${utcOf(to)} was asked for${parts}`,
    ...(gaps.length === 0 ? ['  nothing is missing of that, up to the end of this clip'] : []),
    ...gaps
      .slice(0, LISTED)
      .map((gap) => `  missing: ${utcOf(gap.from)} to ${utcOf(gap.to)}: ${MISSING[gap.why]}`),
    ...(more > 0 ? [`  missing: ${more} more such gaps, which the JSON lists`] : []),
  ];
}

/** The verdict for people, line by line. */
export function verdictText(file: string, { evidence, findings, holds }: Verdict): string {
  const { camera, medium, part, utc, nightglass, files, cutOff } = evidence;
  const { enhancement, checksum, derived, exported } = evidence;
  const models = new Set(enhancement.map(({ model, modelSha256 }) => model && `${model} (${modelSha256})`));
  const enhancedBy = [...models].filter((model) => model !== '').join(', ');
  return [
    `${basename(file)}: a ${medium} of ${camera.title} (${camera.name}), ${utc.from} to ${utc.to}`,
    `  written by Nightglass ${nightglass}`,
    ...(derived
      ? [
          `  made from ${derived.sources.map(({ name }) => name).join(' and ')}: ${derived.operations.join(', ')}`,
          `  by ${derived.tool}: encoded anew, so not the camera’s own bits; ask for the files above to compare`,
        ]
      : []),
    ...(enhancedBy ? [`  enhanced by the network ${enhancedBy}`] : []),
    ...(cutOff
      ? ['  cut off: the page was closed or crashed, and up to two seconds are missing at the end']
      : []),
    ...(exported ? exportedLines(exported, part) : []),
    ...files.map(
      ({ name, shows, pictures: { source, kept, enhanced } }) =>
        `  ${name}: ${SHOWS[shows]}; ${kept} of ${source} pictures, ${enhanced} of them enhanced`,
    ),
    ...findings.map(({ text, code }) => (code ? `  ✗ ${text} (${code})` : `  ✓ ${text}`)),
    holds ? 'Nothing was changed, as far as this can show.' : 'This is not what was recorded.',
    'It proves that files and JSON belong together. It is no signature: who can write them all anew can also write a',
    'fitting JSON. Note this checksum elsewhere at the time of recording, and compare it:',
    `  ${checksum}`,
  ].join('\n');
}
