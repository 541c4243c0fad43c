/** The export on the page, as a person uses it: marks by key, the button, and what it says as it goes. */
import type { Page } from 'playwright-core';
import type { ExportState } from '../../client/player-protocol.ts';
import type { NightglassPlayer } from '../../client/ui/nightglass-player.ts';
import type { NightglassTile } from '../../client/ui/nightglass-tile.ts';
import { statsWhen } from './player-page.ts';

/** Less than two pictures of the camera are apart. µs */
const NEAR = 40_000;

export interface ExportWish {
  readonly shows?: 'Enhanced' | 'Side by side' | 'Original';
  readonly keepOriginal?: boolean;
}

/** Goes to an instant of the past, stands still there, and presses the key that marks it. Gives what was marked. */
export async function markAt(page: Page, wall: number, key: 'i' | 'o'): Promise<number> {
  await page.locator('nightglass-player').evaluate((player: NightglassPlayer, at) => {
    player.time!.seek(at as never);
    player.time!.pause();
  }, wall);
  await statsWhen(page, ({ shownCapturedAt }) => Math.abs((shownCapturedAt ?? 0) - wall) < NEAR);
  await page.keyboard.press(key);
  return await page
    .locator('nightglass-tile')
    .evaluate(
      (tile: NightglassTile, mark) => tile.marks[mark]!,
      key === 'i' ? ('in' as const) : ('out' as const),
    );
}

export async function pressExport(page: Page, wish: ExportWish = {}): Promise<void> {
  const { shows = 'Enhanced', keepOriginal = false } = wish;
  const element = page.locator('nightglass-export');
  await page.mouse.move(300, 300);
  await element.getByLabel('What is exported').selectOption({ label: shows });
  if (keepOriginal) await element.getByLabel('keep the original too').check();
  await element.getByRole('button', { name: 'Export', exact: true }).click();
}

/** The first state of the export that satisfies a condition. */
export async function exportWhen<State extends ExportState>(
  page: Page,
  condition: (state: ExportState) => state is State,
): Promise<State> {
  let seen = '';
  for (;;) {
    const state = await page.locator('nightglass-tile').evaluate(
      (tile: NightglassTile, before) =>
        new Promise<ExportState>((heard) => {
          if (JSON.stringify(tile.exporting) !== before) return heard(tile.exporting);
          // Heard after the tile itself, which took the state over.
          tile.addEventListener('export-changed', () => queueMicrotask(() => heard(tile.exporting)), {
            once: true,
          });
        }),
      seen,
    );
    seen = JSON.stringify(state);
    if (condition(state)) return state;
  }
}

export const hasEnded = (state: ExportState): state is Extract<ExportState, { state: 'ended' }> =>
  state.state === 'ended';

export const runs =
  (pictures: number) =>
  (state: ExportState): state is Extract<ExportState, { state: 'exporting' }> =>
    state.state === 'exporting' && state.pictures >= pictures;
