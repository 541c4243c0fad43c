/** Checks a clip or a snapshot against the JSON beside it: hashes its files anew, and says what that proves. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type DerivationSource,
  EVIDENCE_LIMIT,
  type Evidence,
  evidenceText,
  readEvidence,
} from '#wire/evidence.ts';
import { type ErrorCode, NightglassError } from '#wire/nightglass-error.ts';

/** One thing that was checked, in plain words; `code` where it does not hold. */
export interface Finding {
  readonly text: string;
  readonly code?: ErrorCode;
}

export interface Verdict {
  readonly evidence: Evidence;
  readonly findings: readonly Finding[];
  /** Nothing that was checked failed. */
  readonly holds: boolean;
}

/**
 * Reads a clip's JSON and every file it names, which are looked for in its own folder and nowhere else.
 * @throws NightglassError `clips/missing-file`, `clips/bad-evidence`, `clips/unsafe-path` where the JSON is not to be had
 */
export async function verifyEvidence(file: string): Promise<Verdict> {
  const evidence = await readEvidenceFile(file);
  const findings = [checksumFinding(evidence)];
  for (const named of evidence.files) findings.push(await fileFinding(dirname(file), named));
  for (const source of evidence.derived?.sources ?? [])
    findings.push(await sourceFinding(dirname(file), source));
  return { evidence, findings, holds: findings.every(({ code }) => code === undefined) };
}

/** Reads a clip's JSON without checking its files. @throws as `verifyEvidence` */
export const readEvidenceFile = async (file: string): Promise<Evidence> => readEvidence(await textOf(file));

async function textOf(file: string): Promise<string> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    if (size > EVIDENCE_LIMIT)
      throw new NightglassError('clips/bad-evidence', `${file} has ${size} bytes: too many for evidence`);
    return await handle.readFile('utf8');
  } catch (cause) {
    if (cause instanceof NightglassError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new NightglassError('clips/missing-file', `${file} could not be read (${code ?? 'unknown'})`, {
      cause,
    });
  }
}

function checksumFinding(evidence: Evidence): Finding {
  const found = createHash('sha256').update(evidenceText(evidence)).digest('hex');
  if (found === evidence.checksum)
    return { text: 'The JSON is as it was written: its checksum fits what it says.' };
  return {
    code: 'clips/altered',
    text: `The JSON was edited: its checksum should be ${found}, and it says ${evidence.checksum}.`,
  };
}

async function fileFinding(folder: string, { name, bytes, sha256 }: DerivationSource): Promise<Finding> {
  const path = join(folder, name);
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return { code: 'clips/missing-file', text: `${name} is missing from ${folder}.` };
  // A link could name any file of this machine.
  if (!stat.isFile()) return { code: 'clips/unsafe-path', text: `${name} is no ordinary file.` };
  if (stat.size !== bytes)
    return { code: 'clips/altered', text: `${name} has ${stat.size} bytes; ${bytes} were recorded.` };
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return { code: 'clips/missing-file', text: `${name} could not be read (${code ?? 'unknown'}).` };
  }
  if (hash.digest('hex') === sha256) return { text: `${name} is the file that was recorded, byte for byte.` };
  return {
    code: 'clips/altered',
    text: `${name} was changed after it was recorded: its SHA-256 is another.`,
  };
}

/** A derived clip stands without what it was made from; where that lies beside it, it must be the very file. */
async function sourceFinding(folder: string, source: DerivationSource): Promise<Finding> {
  const found = await fileFinding(folder, source);
  if (found.code === undefined)
    return { text: `${source.name}, which it was made from, lies beside it as it was.` };
  if (found.code !== 'clips/missing-file') return found;
  return { text: `${source.name}, which it was made from, is not here: its SHA-256 is ${source.sha256}.` };
}
