/** `npm run verify -- FILE.json …`: says whether clips are what was recorded. Exit code 0 when all hold, else 1. */
import { NightglassError } from '#wire/nightglass-error.ts';
import { verdictText } from './clips/verdict-text.ts';
import { verifyEvidence } from './clips/verify-evidence.ts';

const files = process.argv.slice(2);
let holds = files.length > 0;
if (files.length === 0)
  console.error('Name the JSON file beside the clip: npm run verify -- FILE.json (one or more)');
for (const file of files) {
  try {
    const verdict = await verifyEvidence(file);
    console.log(verdictText(file, verdict));
    holds &&= verdict.holds;
  } catch (error) {
    if (!(error instanceof NightglassError)) throw error;
    console.error(`${file}: ${error.message} (${error.code})`);
    holds = false;
  }
}
process.exitCode = holds ? 0 : 1;
