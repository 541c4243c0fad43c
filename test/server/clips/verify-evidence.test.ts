import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EvidenceFacts, type EvidenceFile, type ExportGap, sealed, spanOf } from '#wire/evidence.ts';
import { wallMicros } from '#wire/time.ts';
import { verdictText } from '../../../server/clips/verdict-text.ts';
import { verifyEvidence } from '../../../server/clips/verify-evidence.ts';
import { temporaryFolder } from '../../support/h264-clip.ts';

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const CLIP = new Uint8Array(300_000).fill(7);
const JSON_NAME = 'quay.json';
const MODEL = 'a'.repeat(64);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string): string => join(folder.path, name);

const fileNamed = (name: string): EvidenceFile => ({
  name,
  shows: 'enhanced',
  bytes: CLIP.length,
  sha256: sha256(CLIP),
  codec: 'avc1.640028',
  width: 960,
  height: 540,
  from: wallMicros(1_780_036_800_000_000),
  to: wallMicros(1_780_036_804_000_000),
  pictures: { source: 100, kept: 97, enhanced: 90, lost: { server: 0, late: 2, encoder: 1 } },
});

const facts = (files: readonly EvidenceFile[]): EvidenceFacts => ({
  kind: 'nightglass.evidence',
  version: 1,
  medium: 'clip',
  nightglass: '0.1.0',
  camera: { name: 'quay', title: 'The quay' },
  part: 1,
  ...spanOf(files),
  captureClock: 'arrival',
  enhancement: [
    {
      from: files[0]!.from,
      enhanced: true,
      strength: 0.8,
      model: 'base',
      modelSha256: MODEL,
      engine: 'wasm',
      adapter: '2 threads',
    },
  ],
  end: 'stopped',
  cutOff: false,
  files,
});

const write = (given: EvidenceFacts): Promise<void> =>
  writeFile(at(JSON_NAME), JSON.stringify(sealed(given, sha256), null, 2));

/** What does not hold, by its codes. */
const faults = async (): Promise<unknown[]> => {
  const { findings, holds } = await verifyEvidence(at(JSON_NAME));
  const codes = findings.flatMap(({ code }) => code ?? []);
  expect(holds).toBe(codes.length === 0);
  return codes;
};

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(at('quay.mp4'), CLIP);
  await write(facts([fileNamed('quay.mp4')]));
});

afterEach(() => folder[Symbol.asyncDispose]());

describe('a clip with its JSON', () => {
  it('holds as it was recorded, also with the JSON spaced and ordered in another way', async () => {
    expect(await faults()).toEqual([]);
    const { files, ...rest } = JSON.parse(await readFile(at(JSON_NAME), 'utf8'));
    await writeFile(at(JSON_NAME), JSON.stringify({ files, ...rest }));
    expect(await faults()).toEqual([]);
  });

  it('holds with the mode of its enhancement, which older ones lack', async () => {
    const given = facts([fileNamed('quay.mp4')]);
    await write({ ...given, enhancement: [{ ...given.enhancement[0]!, mode: 'super-resolve' }] });
    expect(await faults()).toEqual([]);
    const { evidence } = await verifyEvidence(at(JSON_NAME));
    expect(evidence.enhancement).toMatchObject([{ mode: 'super-resolve' }]);
    const text = await readFile(at(JSON_NAME), 'utf8');
    await writeFile(at(JSON_NAME), text.replace('super-resolve', 'same-size'));
    expect(await faults()).toEqual(['clips/altered']);
  });

  it('does not hold when one byte of it was changed, or one was added', async () => {
    await writeFile(at('quay.mp4'), CLIP.with(200_000, 8));
    expect(await faults()).toEqual(['clips/altered']);
    await writeFile(at('quay.mp4'), CLIP);
    await appendFile(at('quay.mp4'), 'x');
    expect(await faults()).toEqual(['clips/altered']);
  });

  it('does not hold when any field of the JSON was edited', async () => {
    const text = await readFile(at(JSON_NAME), 'utf8');
    const edits = [
      ['"quay"', '"gate"'],
      ['1780036804000000', '1780036805000000'],
      ['"strength": 0.8', '"strength": 0.7'],
      [`"${MODEL}"`, `"${MODEL.replace('a', 'b')}"`],
      ['"encoder": 1', '"encoder": 0'],
      ['"stopped"', '"failed"'],
      ['"cutOff": false', '"cutOff": true'],
    ] as const;
    for (const [from, to] of edits) {
      expect(text).toContain(from);
      await writeFile(at(JSON_NAME), text.replace(from, to));
      expect(await faults()).toEqual(['clips/altered']);
    }
  });

  it('names a file that is missing', async () => {
    await rm(at('quay.mp4'));
    expect(await faults()).toEqual(['clips/missing-file']);
  });

  it('opens no file outside its folder, however it is named', async () => {
    for (const name of [
      '../quay.mp4',
      '/etc/passwd',
      'a/b.mp4',
      '..',
      'a\\b.mp4',
      '.hidden',
      'quay\0.mp4',
      '',
    ]) {
      await write(facts([fileNamed(name)]));
      await expect(verifyEvidence(at(JSON_NAME)), name).rejects.toMatchObject({ code: 'clips/unsafe-path' });
    }
    await symlink('/etc/passwd', at('link.mp4'));
    await mkdir(at('folder.mp4'));
    for (const name of ['link.mp4', 'folder.mp4']) {
      await write(facts([fileNamed(name)]));
      expect(await faults()).toEqual(['clips/unsafe-path']);
    }
  });

  it('is refused when its JSON is not one', async () => {
    const whole = JSON.parse(await readFile(at(JSON_NAME), 'utf8'));
    const broken = [
      '',
      '{',
      'null',
      '[]',
      '{"kind":"other"}',
      JSON.stringify({ ...whole, version: 2 }),
      JSON.stringify({ ...whole, files: [] }),
      JSON.stringify({ ...whole, files: [{ ...whole.files[0], sha256: 'x' }] }),
      JSON.stringify({ ...whole, enhancement: [{}] }),
      JSON.stringify({ ...whole, enhancement: [{ ...whole.enhancement[0], mode: 'other' }] }),
      JSON.stringify({ ...whole, checksum: undefined }),
      `${' '.repeat(1024 * 1024)}{}`,
    ];
    for (const text of broken) {
      await writeFile(at(JSON_NAME), text);
      await expect(verifyEvidence(at(JSON_NAME)), text.slice(0, 40)).rejects.toMatchObject({
        code: 'clips/bad-evidence',
      });
    }
    await expect(verifyEvidence(at('gone.json'))).rejects.toMatchObject({ code: 'clips/missing-file' });
  });
});

describe('the verdict on a clip that was exported from the past', () => {
  const START = 1_780_036_800_000_000;
  const gap = (second: number, why: ExportGap['why']): ExportGap => ({
    from: wallMicros(START + second * 1e6),
    to: wallMicros(START + (second + 1) * 1e6),
    why,
  });

  const said = async (gaps: readonly ExportGap[], part = 1): Promise<string> => {
    const exported = { from: wallMicros(START - 1e6), to: wallMicros(START + 5e6), gaps };
    await write({ ...facts([fileNamed('quay.mp4')]), part, exported });
    return verdictText('quay.json', await verifyEvidence(at(JSON_NAME)));
  };

  it('says what was asked for, and names each gap with its reason', async () => {
    const text = await said([gap(-1, 'not-recorded'), gap(2, 'gone'), gap(4, 'unreadable')], 2);
    expect(text).toContain(
      'exported from the past: 2026-05-29T06:39:59.000Z to 2026-05-29T06:40:05.000Z was asked for; this is part 2',
    );
    expect(text).toContain(
      'missing: 2026-05-29T06:39:59.000Z to 2026-05-29T06:40:00.000Z: the server did not record it',
    );
    expect(text).toContain('2026-05-29T06:40:03.000Z: the server had deleted it when it was exported');
    expect(text).toContain('2026-05-29T06:40:05.000Z: it is damaged, or could not be decoded');
    expect(text).toContain('Nothing was changed');
  });

  it('says that nothing is missing where nothing is, and nothing of it where it was recorded as it was shown', async () => {
    expect(await said([])).toContain('nothing is missing of that');
    await write(facts([fileNamed('quay.mp4')]));
    expect(verdictText('quay.json', await verifyEvidence(at(JSON_NAME)))).not.toMatch(/missing|exported/);
  });

  it('lists the first twenty gaps and counts the others', async () => {
    const text = await said(Array.from({ length: 50 }, (_, index) => gap(index, 'gone')));
    expect(text.match(/missing: 2026/g)).toHaveLength(20);
    expect(text).toContain('missing: 30 more such gaps');
  });
});

describe('npm run verify', () => {
  const verify = (...files: string[]) => {
    const { status, stdout, stderr } = spawnSync('npx', ['tsx', 'server/verify.ts', ...files], {
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  };

  it('says in words what holds, and ends with 0', () => {
    const { status, text } = verify(at(JSON_NAME));
    expect(text).toContain('a clip of The quay (quay), 2026-05-29T06:40:00.000Z to 2026-05-29T06:40:04.000Z');
    expect(text).toContain('✓ quay.mp4 is the file that was recorded, byte for byte.');
    expect(text).toContain('It is no signature');
    expect(status).toBe(0);
  });

  it('says what does not, and ends with 1, also when another clip holds and when none is named', async () => {
    await mkdir(at('other'));
    await writeFile(join(at('other'), JSON_NAME), await readFile(at(JSON_NAME)));
    const { status, text } = verify(join(at('other'), JSON_NAME), at(JSON_NAME));
    expect(text).toContain('✗ quay.mp4 is missing');
    expect(status).toBe(1);
    expect(verify().status).toBe(1);
    expect(verify(at('gone.json'))).toMatchObject({
      status: 1,
      text: expect.stringContaining('clips/missing-file'),
    });
  });
});
