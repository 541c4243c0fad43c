/** The recorder on the page, as a person uses it: its buttons, and the files it saves. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { type Evidence, readEvidence } from '#wire/evidence.ts';
import type { RecordingState } from '../../client/player-protocol.ts';
import type { NightglassPlayer } from '../../client/ui/nightglass-player.ts';

const recorder = (page: Page): Locator => page.locator('nightglass-recorder');

export interface Wish {
  readonly shows: 'Enhanced' | 'Side by side' | 'Original';
  readonly keepOriginal?: boolean;
}

/** Presses the record button, after choosing what is to be recorded. */
export async function startRecording(page: Page, { shows, keepOriginal = false }: Wish): Promise<void> {
  await page.mouse.move(300, 300);
  await recorder(page).getByLabel('What is recorded').selectOption({ label: shows });
  if (keepOriginal) await recorder(page).getByLabel('and the original').check();
  await recorder(page).locator('button.record').click();
}

/** The first state of the recording that satisfies a condition. */
export async function recordingWhen<State extends RecordingState>(
  page: Page,
  condition: (state: RecordingState) => state is State,
): Promise<State> {
  let seen = '';
  for (;;) {
    // What changed between two looks is not missed: the last state is looked at first.
    const state = await page.locator('nightglass-player').evaluate(
      (player: NightglassPlayer, before) =>
        new Promise<RecordingState>((heard) => {
          if (JSON.stringify(player.recording) !== before) return heard(player.recording);
          player.addEventListener('recording-changed', () => heard(player.recording), { once: true });
        }),
      seen,
    );
    seen = JSON.stringify(state);
    if (condition(state)) return state;
  }
}

type Running = Extract<RecordingState, { state: 'recording' }>;
type Ended = Extract<RecordingState, { state: 'ended' }>;

export const hasRecorded =
  (seconds: number, part = 1) =>
  (state: RecordingState): state is Running =>
    state.state === 'recording' && state.seconds >= seconds && state.part >= part;

export const hasEnded = (state: RecordingState): state is Ended => state.state === 'ended';

/** Presses it again, and waits until everything is written. */
export async function stopRecording(page: Page): Promise<Ended> {
  const ended = recordingWhen(page, hasEnded);
  await page.mouse.move(310, 300);
  await recorder(page).locator('button.record').click();
  return await ended;
}

export interface SavedClip {
  readonly json: string;
  readonly evidence: Evidence;
  /** The file that shows this. */
  path(shows: Evidence['files'][number]['shows']): string;
  fact(shows: Evidence['files'][number]['shows']): Evidence['files'][number];
}

/** The ids in the list of clips, the newest first. */
export async function listedClips(page: Page): Promise<string[]> {
  await page.mouse.move(320, 300);
  const list = recorder(page).locator('nightglass-recorder-clips');
  if (!(await list.isVisible())) await recorder(page).locator('button.clips').click();
  const rows = await list.locator('li').all();
  return Promise.all(rows.map(async (row) => (await row.getAttribute('data-clip')) ?? ''));
}

/** Presses Save on a clip of the list; its files land in `folder`. */
export async function saveClip(page: Page, id: string, folder: string): Promise<SavedClip> {
  await listedClips(page);
  const saved: Promise<void>[] = [];
  const json = join(folder, `${id}.json`);
  const all = new Promise<void>((done) => {
    page.on('download', (download) => {
      const name = download.suggestedFilename();
      saved.push(download.saveAs(join(folder, name)));
      if (name.endsWith('.json')) done();
    });
  });
  await recorder(page).locator(`[data-clip="${id}"]`).getByRole('button', { name: 'Save' }).click();
  await all;
  await Promise.all(saved);
  const evidence = readEvidence(await readFile(json, 'utf8'));
  const fact: SavedClip['fact'] = (shows) => {
    const file = evidence.files.find((each) => each.shows === shows);
    if (!file) throw new Error(`${id} has no file that shows ${shows}`);
    return file;
  };
  return { json, evidence, fact, path: (shows) => join(folder, fact(shows).name) };
}
